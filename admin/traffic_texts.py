"""The sentences of quotas, records, usage and API keys, in Chinese and English; part of `TEXTS`."""

TRAFFIC_TEXTS: dict[str, tuple[str, str]] = {
    "span_days": ("{n} 天", "{n} d"),
    "span_hours": ("{n} 小时", "{n} h"),
    "span_minutes": ("{n} 分钟", "{n} min"),
    "span_seconds": ("{n} 秒", "{n} s"),
    # quotas
    "column_quota": ("额度", "Quota"),
    "quota_title": ("各模式的额度", "Quota by mode"),
    "quota_lead": (
        "「实测」由 Grok 的计数给出，「估算」按用量推算（≈）；仅供参考，以 Grok 的拒绝为准。",
        "“Measured” comes from Grok's own meter, “estimated” (≈) is counted down since. "
        "It is advice: what Grok refuses counts more.",
    ),
    "quota_unknown": ("还不知道", "not known yet"),
    "quota_resets": ("{span}后重置", "new in {span}"),
    "quota_resting": ("冷却至 {time}", "rests until {time}"),
    "column_mode": ("模式", "Mode"),
    "column_left": ("剩余 / 总数", "Left / total"),
    "column_renewal": ("恢复", "Renewal"),
    "column_source": ("来源", "Known from"),
    "source_measured": ("实测", "measured"),
    "source_estimated": ("估算", "estimated"),
    "source_unknown": ("未知", "unknown"),
    "reason_quota_used_up": ("额度用完", "quota used up"),
    "reason_tier_too_low": ("套餐不含此模式", "not in this account's plan"),
    "reason_capacity": ("Grok 繁忙", "Grok was at capacity"),
}

"""What may be said of Grok's answers to one account: session, socket, a chat."""

from core.doctor.saying import Level, Saying

OK, WARN, FAIL, SKIPPED = Level.OK, Level.WARN, Level.FAIL, Level.SKIPPED

_ALONE = {
    "mirror_down": Saying(
        "account", SKIPPED, "未测：镜像站没有运行", "not tested: the mirror is not running",
        "启动后再诊断一次：python3 run.py serve", "Start it and ask again: python3 run.py serve",
    ),
    "storage_down": Saying(
        "account", SKIPPED, "未测：数据库不可用", "not tested: the database cannot be used"
    ),
    "account_none": Saying(
        "account", WARN, "还没有账号", "there is no account yet",
        "导入一个 SSO 令牌。", "Import an SSO token.",
    ),
    "account_unusable": Saying(
        "account", FAIL, "{count} 个账号都不可用（停用、失效或冷却中）",
        "none of {count} accounts can be used (switched off, dead or cooling)",
        "到“账号”页查看原因。", "The Accounts page says why.",
    ),
    "account_ok": Saying(
        "account", OK, "登录有效，额度 {quota}", "signed in, limit {quota}"
    ),
    "account_rate_limited": Saying(
        "account", WARN, "登录有效，但额度已用尽", "signed in, but its limit is reached",
        "等待恢复，或添加账号。", "Wait until it is renewed, or add accounts.",
    ),
    "account_signed_out": Saying(
        "account", FAIL, "登录已失效", "signed out by Grok",
        "在浏览器登录 grok.com，复制新的 sso Cookie 重新导入。",
        "Sign in to grok.com in a browser and import the new sso cookie.",
    ),
    "account_blocked": Saying(
        "account", FAIL, "被 Grok 封禁", "blocked by Grok",
        "只能换一个账号。", "Use another account.",
    ),
    "account_failed": Saying(
        "account", FAIL, "Grok 返回了意外的回答", "Grok gave an unexpected answer",
        "稍后再试；若持续出现，可能是 Grok 的接口有变化。",
        "Try again later; if it stays, Grok may have changed.",
    ),
    "account_not_lent": Saying(
        "account", WARN, "代理进程还不知道此账号", "not known to the proxy yet",
        "等两秒后再试。", "Wait two seconds and try again.",
    ),
    "account_mirror_down": Saying(
        "account", FAIL, "代理进程没有响应", "the proxy does not answer",
        "查看日志。", "Look at the log.",
    ),
    "socket_ok": Saying("socket", OK, "握手成功", "the handshake is accepted"),
    "socket_skipped": Saying(
        "socket", SKIPPED, "未测：没有可用的账号", "not tested: no account to test it with"
    ),
    "socket_refused": Saying(
        "socket", FAIL, "握手被拒绝（HTTP {status}）", "the handshake is refused (HTTP {status})",
        "聊天会改用 HTTP（CHAT_TRANSPORT=auto）；前置代理须放行 Upgrade。",
        "Chats fall back to HTTP (CHAT_TRANSPORT=auto); a proxy in front must let Upgrade pass.",
    ),
    "turn_ok": Saying(
        "turn", OK, "一次临时对话成功，{milliseconds} ms",
        "a temporary chat was answered in {milliseconds} ms",
    ),
    "turn_not_asked": Saying(
        "turn", SKIPPED, "未测：会消耗一次额度，需明确要求",
        "not tested: it uses up one question, so it must be asked for",
        "python3 run.py doctor --ask", "python3 run.py doctor --ask",
    ),
    "turn_skipped": Saying(
        "turn", SKIPPED, "未测：没有可用的账号", "not tested: no account to test it with"
    ),
    "turn_failed": Saying(
        "turn", FAIL, "没有得到回答（{reason}）", "it was not answered ({reason})",
        "查看上面各项；若都正常，可能是 Grok 的接口有变化。",
        "See the lines above; if all is well there, Grok may have changed.",
    ),
}  # fmt: skip


def _refusals(check: str) -> dict[str, Saying]:
    """What may be said of an account, a handshake and a chat alike."""
    return {
        f"{check}_challenged": Saying(
            check, FAIL, "被 Cloudflare 验证拦截", "challenged by Cloudflare",
            "更换出口，或填写同一出口取得的 cf_clearance 与 User-Agent。",
            "Change the egress, or supply the cf_clearance and User-Agent obtained from that exit.",
        ),
        f"{check}_anti_bot": Saying(
            check, WARN, "被反自动化规则拒绝", "refused by anti-bot rules",
            "与账号无关：更换出口，或在网页中正常使用一次。",
            "Not the account's fault: change the egress, or use it once in the web page.",
        ),
        f"{check}_region": Saying(
            check, FAIL, "出口地区不可用", "Grok does not serve the region of its egress",
            "更换到 Grok 开放地区的出口。", "Use an egress in a region that Grok serves.",
        ),
        f"{check}_no_egress": Saying(
            check, FAIL, "没有可用的出口", "no working egress",
            "到“出口代理”页测试并启用一个出口。",
            "Test the egresses on their page and switch one on.",
        ),
        f"{check}_unreachable": Saying(
            check, FAIL, "连接不上 Grok", "Grok cannot be reached",
            "查看上面的出口与 TLS 两项。", "See what is said of egress and TLS above.",
        ),
    }  # fmt: skip


GROK = {
    **_ALONE,
    **_refusals("account"),
    **_refusals("socket"),
    **_refusals("turn"),
}

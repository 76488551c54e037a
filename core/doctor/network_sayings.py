"""What may be said of the way to Grok: egresses, names, certificates, the clock."""

from core.doctor.saying import Level, Saying

OK, WARN, FAIL, SKIPPED = Level.OK, Level.WARN, Level.FAIL, Level.SKIPPED

EGRESS = {
    "egress_direct": Saying(
        "egress", OK, "没有出口代理，直接连接", "there is none: the mirror connects directly"
    ),
    "egress_unknown": Saying(
        "egress", SKIPPED, "未测：读不到出口列表，所以不拨号",
        "not tested: the list of egresses cannot be read, so nothing is dialled",
        "先解决数据库的问题。", "Mend the database first.",
    ),
    "egress_off": Saying("egress", SKIPPED, "已停用，未测", "switched off, not tested"),
    "egress_more": Saying(
        "egress", SKIPPED, "其余 {count} 个未测", "{count} more are not tested",
        "到“出口代理”页逐个测试。", "Test them one by one on the Egresses page.",
    ),
    "egress_all_off": Saying(
        "egress", FAIL, "所有出口都已停用，镜像站不会改为直连",
        "all egresses are switched off, and the mirror never goes direct instead",
        "在“出口代理”页启用一个，或全部删除后直连。",
        "Switch one on, on the Egresses page, or delete all of them to connect directly.",
    ),
    "egress_ok": Saying(
        "egress", OK, "可用，{milliseconds} ms{exit}", "works, {milliseconds} ms{exit}"
    ),
    "egress_slow": Saying(
        "egress", WARN, "可用但很慢，{milliseconds} ms{exit}",
        "works but is slow, {milliseconds} ms{exit}",
        "换一个离 Grok 更近的出口。", "Use an egress that is nearer to Grok.",
    ),
    "egress_challenged": Saying(
        "egress", WARN, "被 Cloudflare 验证拦截（{milliseconds} ms{exit}）",
        "challenged by Cloudflare ({milliseconds} ms{exit})",
        "更换出口，或为账号填写同一出口取得的 cf_clearance 与 User-Agent。",
        "Change the egress, or supply the cf_clearance and User-Agent obtained from that exit.",
    ),
    "egress_region": Saying(
        "egress", FAIL, "所在地区不可用（{milliseconds} ms{exit}）",
        "Grok does not serve its region ({milliseconds} ms{exit})",
        "更换到 Grok 开放地区的出口。", "Use an egress in a region that Grok serves.",
    ),
    "egress_refused": Saying(
        "egress", FAIL, "拒绝连接", "it will not carry us",
        "检查用户名与密码，以及代理的访问规则。",
        "See user and password, and the proxy's own rules.",
    ),
    "egress_unreachable": Saying(
        "egress", FAIL, "连接不上", "cannot be reached",
        "检查地址与端口，确认代理在运行；没有代理时检查本机网络。",
        "See address and port, and whether it runs; without an egress, this machine's network.",
    ),
    "egress_timed_out": Saying(
        "egress", FAIL, "超时", "timed out",
        "确认代理能访问外网；没有代理时，本机可能无法访问 Grok。",
        "See whether it reaches the outside; without an egress, this machine may not reach Grok.",
    ),
    "egress_not_trusted": Saying(
        "egress", FAIL, "出示了自己的证书", "shows a certificate of its own",
        "它在解密流量，请勿使用。", "It reads what passes through it; do not use it.",
    ),
    "egress_failed": Saying(
        "egress", FAIL, "没有得到像样的回答", "no sensible answer",
        "确认代理类型（http / socks5）填写正确。",
        "Make sure that its kind (http or socks5) is right.",
    ),
}  # fmt: skip

NETWORK = {
    "clock_ok": Saying("clock", OK, "与上游相差 {seconds} 秒", "{seconds} s from the upstream's"),
    "clock_off": Saying(
        "clock", WARN, "与上游相差 {seconds} 秒", "{seconds} s from the upstream's",
        "启用 NTP 校时；冷却与额度的时间会不准。",
        "Switch NTP on; cool-downs and limits go by the clock.",
    ),
    "clock_wrong": Saying(
        "clock", FAIL, "与上游相差 {seconds} 秒", "{seconds} s from the upstream's",
        "立即校时（timedatectl set-ntp true）；证书与会话按时钟判断。",
        "Set it now (timedatectl set-ntp true); certificates and sessions go by the clock.",
    ),
    "clock_unknown": Saying(
        "clock", SKIPPED, "未测：上游没有应答", "not tested: no answer of the upstream's"
    ),
    "dns_ok": Saying(
        "dns", OK, "{addresses}（{milliseconds} ms）", "{addresses} ({milliseconds} ms)"
    ),
    "dns_seam": Saying(
        "dns", OK, "由 GROK_CONNECT_TO 指向 {address}", "leads to {address} by GROK_CONNECT_TO"
    ),
    "dns_by_egress": Saying(
        "dns", OK, "由出口代理解析，本机不查询", "the egress looks it up, this machine never does"
    ),
    "dns_private": Saying(
        "dns", WARN, "解析为本地地址 {addresses}", "leads to a private address, {addresses}",
        "可能是 DNS 污染或 hosts 文件；改用 socks5h:// 出口，由出口解析。",
        "Perhaps a hosts file or a forged answer; a socks5h:// egress looks names up itself.",
    ),
    "dns_failed": Saying(
        "dns", FAIL, "无法解析：{problem}", "cannot be looked up: {problem}",
        "检查本机 DNS；或使用 http:// 或 socks5h:// 出口，由出口解析。",
        "See this machine's DNS; an http:// or socks5h:// egress looks names up itself.",
    ),
    "dns_unknown": Saying(
        "dns", SKIPPED, "未测：不知道是否设有出口代理",
        "not tested: it is not known whether there are egresses",
    ),
    "tls_ok": Saying(
        "tls", OK, "证书有效，还有 {days} 天（HTTP {status}）",
        "certificate good for {days} more days (HTTP {status})",
    ),
    "tls_verified": Saying(
        "tls", OK, "证书有效（HTTP {status}）", "certificate good (HTTP {status})"
    ),
    "tls_not_trusted": Saying(
        "tls", FAIL, "证书不可信：中间有人出示自己的证书",
        "the certificate is not Grok's: somebody in between shows his own",
        "更换出口；若是自己的 CA，用 GROK_CA_FILE 加入信任。",
        "Change the egress; if the CA is your own, name it in GROK_CA_FILE.",
    ),
    "tls_failed": Saying(
        "tls", FAIL, "没有应答（{verdict}）", "no answer ({verdict})",
        "查看上面的出口与域名解析两项。", "See what is said of the egress and of DNS above.",
    ),
    "tls_optional": Saying(
        "tls", WARN, "没有应答（{verdict}）；聊天不需要它，但部分页面内容会缺失",
        "no answer ({verdict}); chats do without it, but parts of pages will be missing",
        "查看域名解析一项，或更换出口。", "See what is said of DNS, or change the egress.",
    ),
    "tls_no_egress": Saying(
        "tls", SKIPPED, "未测：到不了 Grok；有出口时镜像站从不改为直连",
        "not tested: nothing reaches Grok; with egresses the mirror never goes direct instead",
    ),
}  # fmt: skip

"""Everything the doctor may say, as data; the order of the checks is that of the report."""

from core.doctor.grok_sayings import GROK
from core.doctor.machine_sayings import MACHINE
from core.doctor.network_sayings import EGRESS, NETWORK
from core.doctor.saying import Level, Saying

CHECKS: dict[str, tuple[str, str]] = {
    "versions": ("版本", "Versions"),
    "settings": ("设置", "Settings"),
    "config": ("mitm_config.yaml", "mitm_config.yaml"),
    "data": ("数据目录", "Data folder"),
    "key": ("密钥文件", "Key file"),
    "database": ("数据库", "Database"),
    "port": ("端口", "Port"),
    "egress": ("出口", "Egress"),
    "dns": ("域名解析", "DNS"),
    "tls": ("TLS", "TLS"),
    "clock": ("时钟", "Clock"),
    "account": ("账号", "Account"),
    "socket": ("WebSocket", "WebSocket"),
    "turn": ("提问", "Question"),
}
"""Every check, in the order of the report."""

_GENERAL = {
    "late": Saying(
        "", Level.SKIPPED,
        "时间用完，未测", "not tested: the time was up",
        "稍后再试；较慢的出口可到“出口代理”页单独测试。",
        "Try again later; slow egresses can be tested one by one on their page.",
    ),
    "broken": Saying(
        "", Level.FAIL,
        "诊断程序自身出错，未测", "not tested: the doctor itself made a mistake",
        "请查看日志并报告此问题。", "Look at the log and report it, please.",
    ),
}  # fmt: skip

SAYINGS: dict[str, Saying] = {**_GENERAL, **MACHINE, **EGRESS, **NETWORK, **GROK}

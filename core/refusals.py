"""Every way the mirror says no, as data: status, machine code, and what to tell a person.

A refusal never carries an address, a version or an exception text; those belong in the log
under the request id that is shown beside it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """One named refusal: what happened (`title`) and what to do next (`advice`), twice."""

    status: int
    code: str
    title_zh: str
    title_en: str
    advice_zh: str = ""
    advice_en: str = ""
    action: str = ""
    """A path of the mirror that helps, offered as a button on the page (empty: none)."""


BAD_REQUEST = Refusal(
    400, "bad_request",
    "请求格式不正确", "The request is malformed",
    "请刷新页面后重试。", "Reload the page and try again.",
)  # fmt: skip
HOST_NOT_ALLOWED = Refusal(
    421, "host_not_allowed",
    "此域名不属于本镜像", "This host name is not served here",
    "请使用管理员设置的 HOST 地址访问。", "Open the address that the operator set as HOST.",
)  # fmt: skip
METHOD_NOT_ALLOWED = Refusal(
    405, "method_not_allowed",
    "不支持的请求方法", "This method is not allowed",
)  # fmt: skip
NOT_FOUND = Refusal(
    404, "not_found",
    "页面不存在", "Not found",
    "返回首页继续使用。", "Go back to the start page.", "/",
)  # fmt: skip
BODY_TOO_LARGE = Refusal(
    413, "body_too_large",
    "上传内容过大", "The upload is too large",
    "请减小文件后重试。", "Choose a smaller file.",
)  # fmt: skip
SIGN_IN_REQUIRED = Refusal(
    401, "sign_in_required",
    "请先登录", "Please sign in",
    "登录后即可继续。", "Sign in to continue.", "/-/sign-in",
)  # fmt: skip
SITE_PASSWORD_REQUIRED = Refusal(
    401, "site_password_required",
    "请先输入访问密码", "Please enter the site password",
    "输入后即可继续。", "Enter it to continue.", "/-/enter",
)  # fmt: skip
KEPT_BY_THE_HOUSE = Refusal(
    403, "not_allowed_here",
    "镜像上不可使用此功能", "This is not available on the mirror",
    "账号由管理员统一管理，账单、账号与连接器设置不开放。",
    "The account is managed by the operator; billing, account and connector settings are closed.",
)  # fmt: skip
FOREIGN_ORIGIN = Refusal(
    403, "foreign_origin",
    "请求来自其他网站", "This request came from another site",
    "请在镜像页面内操作。", "Use the mirror's own pages.",
)  # fmt: skip
NO_ACCOUNT = Refusal(
    503, "no_account",
    "暂无可用的车", "No car is available",
    "请稍后再试，或请管理员添加账号。", "Try again later, or ask the operator to add an account.",
    "/-/cars",
)  # fmt: skip
ALL_BUSY = Refusal(
    429, "all_busy",
    "所有账号都在忙", "All accounts are busy",
    "请稍后再试。", "Try again in a moment.",
)  # fmt: skip
ACCOUNT_SIGNED_OUT = Refusal(
    502, "account_signed_out",
    "此账号的登录已失效", "This account has been signed out",
    "请换一辆车；管理员需要重新导入 SSO。",
    "Choose another car; the operator must import a fresh SSO token.", "/-/cars",
)  # fmt: skip
ACCOUNT_BLOCKED = Refusal(
    502, "account_blocked",
    "此账号已被 Grok 停用", "Grok has blocked this account",
    "请换一辆车，并告知管理员。", "Choose another car and tell the operator.", "/-/cars",
)  # fmt: skip
CHALLENGED = Refusal(
    403, "challenged",
    "出口 IP 被 Cloudflare 拦截", "Cloudflare is challenging this exit address",
    "镜像不会代过验证。管理员可更换代理，或为账号填写自己的 cf_clearance 与 User-Agent。",
    "The mirror does not solve challenges. The operator can change the egress, or supply his own "
    "cf_clearance and User-Agent for the account.", "/-/cars",
)  # fmt: skip
ANTI_BOT = Refusal(
    403, "anti_bot",
    "Grok 拒绝了此请求（反自动化规则）", "Grok refused this request (anti-bot rules)",
    "通常与出口或请求头有关，与账号无关。请刷新页面重试。",
    "This is usually about the egress or the request headers, not the account. Reload the page.",
)  # fmt: skip
RATE_LIMITED = Refusal(
    429, "rate_limited",
    "此账号的额度暂时用完", "This account has reached its limit for now",
    "请稍后再试，或换一辆车。", "Try again later, or choose another car.", "/-/cars",
)  # fmt: skip
DAY_USED_UP = Refusal(
    429, "day_limit",
    "你今天的提问次数已用完", "You have asked all your questions of today",
    "世界时零点后恢复；需要更多请联系管理员。",
    "They come back at midnight UTC; ask the operator if you need more.", "/-/me",
)  # fmt: skip
MONTH_USED_UP = Refusal(
    429, "month_limit",
    "你本月的提问次数已用完", "You have asked all your questions of this month",
    "下月 1 日（世界时）恢复；需要更多请联系管理员。",
    "They come back on the first of next month (UTC); ask the operator if you need more.", "/-/me",
)  # fmt: skip
MODE_NOT_YOURS = Refusal(
    403, "mode_not_allowed",
    "你不能使用此模式", "This mode is not open to you",
    "请换一个模式；可用的模式见“我的账户”。",
    "Choose another mode; those you may use stand on your own page.", "/-/me",
)  # fmt: skip
NO_EGRESS = Refusal(
    502, "no_egress",
    "所有代理出口暂时不可用", "No outbound proxy is working right now",
    "请稍后重试；管理员可检查 PROXY_URL_POOL。镜像不会改为直连。",
    "Try again shortly; the operator can check PROXY_URL_POOL. The mirror never falls back to a "
    "direct connection.",
)  # fmt: skip
REGION = Refusal(
    502, "region",
    "出口所在地区不可用", "The service is not available in the region of this egress",
    "请管理员更换代理。", "Ask the operator to change the egress.",
)  # fmt: skip
UPSTREAM_UNREACHABLE = Refusal(
    502, "upstream_unreachable",
    "暂时连接不上 Grok", "Grok cannot be reached right now",
    "请稍后重试；若持续出现，请管理员检查代理。",
    "Try again shortly; if it stays, the operator should check the egress.",
)  # fmt: skip
UPSTREAM_TIMEOUT = Refusal(
    504, "upstream_timeout",
    "Grok 响应超时", "Grok took too long to answer",
    "请稍后重试。", "Try again shortly.",
)  # fmt: skip
UPSTREAM_ERROR = Refusal(
    502, "upstream_error",
    "Grok 返回了错误", "Grok answered with an error",
    "请稍后重试。", "Try again shortly.",
)  # fmt: skip
STORAGE_BUSY = Refusal(
    503, "storage_busy",
    "数据库暂时繁忙", "The database is busy",
    "请几秒后重试。", "Try again in a few seconds.",
)  # fmt: skip
SIDECAR_DOWN = Refusal(
    503, "sidecar_down",
    "登录与管理服务正在重启", "The sign-in service is restarting",
    "请几秒后刷新。", "Reload in a few seconds.",
)  # fmt: skip
INTERNAL = Refusal(
    502, "internal",
    "镜像内部错误", "The mirror hit an internal error",
    "请把下面的请求编号告诉管理员。", "Tell the operator the request id below.",
)  # fmt: skip

BY_CODE: dict[str, Refusal] = {
    value.code: value for value in tuple(globals().values()) if isinstance(value, Refusal)
}

"""Reads the environment, once, into one frozen value; every problem is reported at the same time.

This is the only module that looks at `os.environ`. Each field carries its own help in Chinese and
English, from which docs/env.md, .env.example and the README tables are made. Nothing here opens a
port, reads a key or decides what a setting does.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Self

from dotenv import dotenv_values

from core import setting_values as values
from core.connect_to import ConnectTo, parse_connect_to
from core.egress import EgressSpec, parse_pool
from core.model_aliases import parse_aliases
from core.pool_choice import Strategy
from core.setting_checks import contradictions, doubts, likely_typos, unknown_names
from core.setting_values import SettingsError
from core.weak_secrets import is_placeholder
from core.wiring import Wiring

__all__ = [
    "EX_CONFIG",
    "Setting",
    "Settings",
    "SettingsError",
    "Wiring",
    "load_environ",
    "load_settings",
    "load_wiring",
]

EX_CONFIG = 78  # sysexits.h: what the caller exits with on SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What one field of `Settings` is called outside, how its text is read, and what it is for."""

    name: str
    parse: Callable[[str], object]
    zh: str
    en: str
    default: str
    from_dairoot: bool
    markup: bool = False


def _setting(
    name: str,
    parse: Callable[[str], object],
    help_: tuple[str, str],
    default: object,
    **more: Any,  # noqa: ANN401  passed to dataclasses.field and to Setting
) -> Any:  # noqa: ANN401  like dataclasses.field, it stands where a default stands
    """Declare a field; `shown` is its default in tables, `dairoot` marks a neighbour's name."""
    note = Setting(
        name=name,
        parse=parse,
        zh=help_[0],
        en=help_[1],
        default=more.pop("shown", _shown_default(default)),
        from_dairoot=more.pop("dairoot", False),
        markup=more.pop("markup", False),
    )
    return field(default=default, metadata={"setting": note}, **more)


def _shown_default(default: object) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    return "" if default is None or default == () else str(default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The configuration of one run. Construct it directly in tests, `from_environ` elsewhere."""

    host: str | None = _setting(
        "HOST",
        values.parse_origin,
        (
            "对外网址，如 `https://grok.example.com`；不填则按请求的 Host 推断。"
            "不以 http(s):// 开头的值会被忽略",
            "Public address, like `https://grok.example.com`; if unset, taken from each request's "
            "Host. A value without http(s):// is ignored",
        ),
        None,
        dairoot=True,
    )
    port: int = _setting(
        "PORT",
        values.parse_port,
        ("用户访问的端口", "Port for users"),
        8080,
    )
    bind: str = _setting(
        "BIND",
        values.parse_bind,
        (
            "用户端口监听的地址；镜像内为 `0.0.0.0`",
            "Address the users' port listens on; `0.0.0.0` in the image",
        ),
        "127.0.0.1",
    )
    data_dir: Path = _setting(
        "DATA_DIR",
        values.parse_path,
        ("数据目录（数据库、密钥）", "Data folder (database, key)"),
        Path(".cache_data"),
    )
    admin_password: str | None = _setting(
        "ADMIN_PASSWORD",
        values.parse_text,
        (
            "管理后台密码，至少 12 位；不填则首次启动时生成并只显示一次",
            "Admin password, at least 12 characters; if unset, one is made and shown once at the "
            "first start",
        ),
        None,
        repr=False,
        dairoot=True,
    )
    admin_bind: tuple[str, int] = _setting(
        "ADMIN_BIND",
        values.parse_listen,
        (
            "管理后台监听的地址和端口；镜像内为 `0.0.0.0:8081`，只应发布到宿主机的 127.0.0.1",
            "Address and port of the admin pages; `0.0.0.0:8081` in the image, to be published on "
            "the host's 127.0.0.1 only",
        ),
        ("127.0.0.1", 8081),
        shown="127.0.0.1:8081",
    )
    admin_same_origin: bool = _setting(
        "ADMIN_SAME_ORIGIN",
        values.parse_bool,
        (
            "在用户端口上也提供管理后台（不安全：grok.com 的脚本与后台同源）",
            "Serve the admin pages on the users' port too (unsafe: grok.com's scripts then share "
            "their origin)",
        ),
        False,
    )
    authorization: tuple[str, ...] = _setting(
        "AUTHORIZATION",
        values.parse_keys,
        (
            "API 密钥，可用逗号分隔多个；不填则只能用 `run.py key add` 创建的密钥",
            "API key, or several separated by commas; if unset, only keys made by `run.py key add` "
            "work",
        ),
        (),
        repr=False,
        dairoot=True,
    )
    enable_mirror_api: bool = _setting(
        "ENABLE_MIRROR_API",
        values.parse_bool,
        ("是否开启 API（`/v1/…`）", "Whether the API (`/v1/…`) is on"),
        True,
        dairoot=True,
    )
    mirror_api_prefix: str = _setting(
        "MIRROR_API_PREFIX",
        values.parse_prefix,
        (
            "API 路径前缀：`abc` 表示 `/abc/v1/…`，此时无前缀的路径为 404",
            "Path prefix of the API: `abc` means `/abc/v1/…`, and paths without it are 404",
        ),
        "",
        dairoot=True,
    )
    api_hatd: bool = _setting(
        "API_HATD",
        values.parse_bool,
        ("API 对话使用临时聊天（不留历史）", "API calls use temporary chats (no history)"),
        True,
        dairoot=True,
    )
    api_reasoning: Literal["field", "tags", "hidden"] = _setting(
        "API_REASONING",
        values.parse_choice("field", "tags", "hidden"),
        (
            "API 回答里的思考：`field` 放在 `reasoning_content`，`tags` 用 `<think>` 放在正文前，"
            "`hidden` 不给",
            "Thoughts in the API's answers: `field` as `reasoning_content`, `tags` as `<think>` "
            "before the text, `hidden` not at all",
        ),
        "field",
    )
    api_footnotes: bool = _setting(
        "API_FOOTNOTES",
        values.parse_bool,
        (
            "API 回答的正文里标出编号来源；`annotations` 始终有",
            "Number the sources in the text of the API's answers; `annotations` has them anyway",
        ),
        True,
    )
    api_cors_origins: tuple[str, ...] = _setting(
        "API_CORS_ORIGINS",
        values.parse_cors_origins,
        (
            "哪些网站的网页可以调用 API，逗号分隔；`*` 为全部，`none` 为没有",
            "Whose web pages may call the API, comma separated; `*` means all, `none` no one's",
        ),
        ("*",),
        shown="*",
    )
    model_aliases: Mapping[str, str] = _setting(
        "MODEL_ALIASES",
        parse_aliases,
        (
            "API 模型的别名，如 `gpt-4o=grok-expert`，逗号分隔",
            "Further names of the API's models, like `gpt-4o=grok-expert`, comma separated",
        ),
        MappingProxyType({}),
        shown="",
        hash=False,
    )
    web_hatd: bool = _setting(
        "WEB_HATD",
        values.parse_bool,
        ("网页对话使用临时聊天", "Chats in the browser are temporary chats"),
        False,
    )
    mask_account_id: bool = _setting(
        "MASK_ACCOUNT_ID",
        values.parse_bool,
        (
            "共用账号的用户看到的 Grok 用户 ID 各不相同，都不是真的（邮箱与姓名总是隐藏）",
            "Users of a shared account see a Grok user id of their own instead of the real one "
            "(its e-mail address and name are always hidden)",
        ),
        False,
    )
    proxy_url_pool: tuple[EgressSpec, ...] = _setting(
        "PROXY_URL_POOL",
        lambda text: tuple(parse_pool(text)),
        (
            "出口代理，逗号分隔：http、https、socks5、socks5h、socks4",
            "Outbound proxies (egresses), comma separated: http, https, socks5, socks5h, socks4",
        ),
        (),
        dairoot=True,
    )
    page_badge: bool = _setting(
        "PAGE_BADGE",
        values.parse_bool,
        (
            "Grok 页面角落的小徽标：当前的车、今日剩余、换车、退出",
            "A small badge in a corner of Grok's page: car, questions left today, switch, sign out",
        ),
        True,
    )
    archive_mb: int = _setting(
        "ARCHIVE_MB",
        values.parse_count(0, 100_000),
        (
            "用户自愿开启的对话存档（加密）每人最多占用的 MB；0 为不提供",
            "Most MB of one user's archive of his conversations (sealed, only if he wants one); "
            "0 offers none",
        ),
        100,
    )
    googleads: str = _setting(
        "GOOGLEADS",
        values.parse_text,
        (
            "插入页面的 `<script>`（会放宽内容安全策略；它能看到用户页面上的一切）",
            "A `<script>` put into pages (loosens the content security policy; it sees everything "
            "on a user's page)",
        ),
        "",
        dairoot=True,
        markup=True,
    )
    tz: str = _setting(
        "TZ",
        values.parse_time_zone,
        ("显示用的时区；存储一律为 UTC", "Time zone for display; what is stored is UTC"),
        "Asia/Shanghai",
        dairoot=True,
    )
    site_password: str | None = _setting(
        "SITE_PASSWORD",
        values.parse_text,
        (
            "访问密码：在登录之前先问一次，每个浏览器一次；不填则不问。API 只看自己的密钥",
            "Asked before everything else, once per browser; if unset, never. The API goes by its "
            "own keys",
        ),
        None,
        repr=False,
    )
    guest_mode: bool = _setting(
        "GUEST_MODE",
        values.parse_bool,
        (
            "游客模式：没有账号的人可在登录页以游客身份进入，7 天不来即清除",
            "Whoever has no user may come in as a guest from the sign-in page; forgotten after "
            "seven days away",
        ),
        False,
    )
    guest_day_limit: int = _setting(
        "GUEST_DAY_LIMIT",
        values.parse_count(0, 1_000_000),
        ("每位游客每天（UTC）的提问次数", "Questions a day (UTC) for each guest"),
        10,
    )
    guest_pool: str | None = _setting(
        "GUEST_POOL",
        values.parse_text,
        (
            "游客使用的号池名称；不填则可用所有共享账号",
            "Name of the pool whose accounts guests get; if unset, every shared account",
        ),
        None,
    )
    trusted_proxies: tuple[values.Network, ...] = _setting(
        "TRUSTED_PROXIES",
        values.parse_networks,
        (
            "前置反向代理的 IP 或网段，只相信它们给的 X-Forwarded-*",
            "Addresses or networks of reverse proxies in front; X-Forwarded-* is believed from "
            "these only",
        ),
        (),
    )
    database_url: str | None = _setting(
        "DATABASE_URL",
        values.parse_database_url,
        (
            "多机部署用的 `postgresql://…`；不填则用数据目录里的 SQLite",
            "`postgresql://…` for several machines; if unset, SQLite in the data folder",
        ),
        None,
        repr=False,
    )
    secret_key_file: Path = _setting(
        "SECRET_KEY_FILE",
        values.parse_path,
        (
            "加密 SSO 令牌的密钥文件；最好放在数据目录之外并单独备份",
            "Key file that encrypts SSO tokens; best kept outside the data folder, with a backup "
            "of its own",
        ),
        Path(),
        shown="DATA_DIR/secret.key",
    )
    allow_raw_sso: bool = _setting(
        "ALLOW_RAW_SSO",
        values.parse_bool,
        (
            "API 接受 `Bearer <SSO 令牌>`，只用该账号，不保存",
            "The API accepts `Bearer <SSO token>`: that account only, not stored",
        ),
        True,
    )
    chat_transport: Literal["auto", "mgw", "http"] = _setting(
        "CHAT_TRANSPORT",
        values.parse_choice("auto", "mgw", "http"),
        (
            "API 与 Grok 对话的方式：`auto`、`mgw`（WebSocket）或 `http`；"
            "`http` 的请求没有网页的签名，Grok（以及演示）可能拒绝",
            "How the API talks to Grok: `auto`, `mgw` (WebSocket) or `http`, whose requests lack "
            "the page's signature: Grok may refuse them, and the demo does",
        ),
        "auto",
    )
    pool_strategy: Strategy = _setting(
        "POOL_STRATEGY",
        lambda text: Strategy(values.parse_choice(*Strategy)(text)),
        (
            "API 选号方式：`most-quota` 余额最多、`least-used` 用得最少、`round-robin` 轮流、"
            "`random` 随机、`priority` 按优先级",
            "How the API's calls get an account: `most-quota`, `least-used`, `round-robin`, "
            "`random` or `priority`",
        ),
        Strategy.MOST_QUOTA,
    )
    account_concurrency: int = _setting(
        "ACCOUNT_CONCURRENCY",
        values.parse_count(1, 1000),
        (
            "每个账号同时进行的 API 对话数上限；全忙时排队，超时返回 429",
            "API chats that one account has at the same time; when all are busy, calls wait in "
            "line, then get 429",
        ),
        4,
    )
    record_days: int = _setting(
        "RECORD_DAYS",
        values.parse_count(1, 3650),
        (
            "请求记录保留的天数；只记谁、何时、结果与用时，从不记内容",
            "Days for which the record of requests is kept: who, when, how it ended, never content",
        ),
        30,
    )
    grok_connect_to: tuple[ConnectTo, ...] = _setting(
        "GROK_CONNECT_TO",
        lambda text: tuple(parse_connect_to(text)),
        (
            "`主机:端口=地址:端口`，逗号分隔，同 curl 的 `--connect-to`；测试和演示用",
            "`host:port=address:port`, comma separated, like curl's `--connect-to`; for tests and "
            "the demo",
        ),
        (),
    )
    grok_ca_file: Path | None = _setting(
        "GROK_CA_FILE",
        values.parse_path,
        ("额外信任的 CA 证书（PEM）", "A further CA certificate to trust (PEM)"),
        None,
    )
    proxy_workers: int = _setting(
        "PROXY_WORKERS",
        values.parse_count(1, 64),
        (
            "mitmproxy 进程数；大于 1 需要 nginx 前端",
            "Number of mitmproxy processes; more than 1 needs the nginx front",
        ),
        1,
    )
    front: Literal["auto", "off"] = _setting(
        "FRONT",
        values.parse_choice("auto", "off"),
        (
            "`auto`：装有 nginx 时用它作前端；`off`：不用",
            "`auto`: nginx stands in front where it is installed; `off`: never",
        ),
        "auto",
    )
    tls_cert_file: Path | None = _setting(
        "TLS_CERT_FILE",
        values.parse_path,
        ("HTTPS 证书链（PEM），由 nginx 前端使用", "HTTPS certificate chain (PEM) for the front"),
        None,
    )
    tls_key_file: Path | None = _setting(
        "TLS_KEY_FILE",
        values.parse_path,
        ("HTTPS 私钥（PEM）", "HTTPS private key (PEM)"),
        None,
    )
    mitmweb_password: str | None = _setting(
        "MITMWEB_PASSWORD",
        values.parse_text,
        (
            "设置后开启 mitmweb（给开发者看代理流量的页面），至少 12 位；"
            "看得到所有用户与 Grok 的往来",
            "Turns on mitmweb, where developers see the proxy's traffic: at least 12 characters; "
            "shows what all users and Grok tell each other",
        ),
        None,
        repr=False,
    )
    mitmweb_bind: tuple[str, int] = _setting(
        "MITMWEB_BIND",
        values.parse_listen,
        ("mitmweb 监听的地址和端口", "Address and port of mitmweb"),
        ("127.0.0.1", 8082),
        shown="127.0.0.1:8082",
    )
    allow_weak: bool = _setting(
        "ALLOW_WEAK",
        values.parse_bool,
        (
            "允许弱管理密码；仅当所有监听都在本机时有效",
            "Allow a weak admin password; only when everything listens on loopback",
        ),
        False,
    )
    warnings: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if self.secret_key_file == Path():
            object.__setattr__(self, "secret_key_file", self.data_dir / "secret.key")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read every setting, or raise SettingsError with all that is wrong."""
        reading = _Reading(environ)
        settings = cls(**reading.found)
        problems = [*reading.problems, *contradictions(settings)]
        if problems:
            raise SettingsError(problems)
        return replace(settings, warnings=(*reading.warnings, *doubts(settings)))

    @classmethod
    def table(cls) -> tuple[Setting, ...]:
        """All settings in the order of declaration, for documents and for `serve.py config`."""
        return tuple(f.metadata["setting"] for f in fields(cls) if "setting" in f.metadata)

    @property
    def listens_publicly(self) -> bool:
        return not values.is_loopback(self.bind)


class _Reading:
    """One pass over the environment: what was found, what is wrong, what is odd."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        names = [setting.name for setting in Settings.table()]
        self.found: dict[str, Any] = {}
        self.problems = unknown_names(environ, names)
        self.warnings = likely_typos(environ, names)
        for f in fields(Settings):
            if "setting" in f.metadata and (raw := environ.get(f.metadata["setting"].name)):
                self._read(f.name, f.metadata["setting"], raw)
        self._drop_placeholders()

    def _read(self, attribute: str, setting: Setting, raw: str) -> None:
        text, had_comment = values.clean(raw, markup=setting.markup)
        if had_comment:
            self.warnings.append(
                f"{setting.name}: the # comment after the value was cut off; "
                "put comments on a line of their own"
            )
        if not text:
            return
        try:
            self.found[attribute] = setting.parse(text)
        except values.NotForUsError as reason:
            self.warnings.append(f"{setting.name}: {reason}")
        except ValueError as reason:  # a list has one argument for each wrong entry
            self.problems += [f"{setting.name}: {text}" for text in reason.args]

    def _drop_placeholders(self) -> None:
        keys = self.found.get("authorization", ())
        real = tuple(key for key in keys if not is_placeholder(key))
        if len(real) < len(keys):
            self.found["authorization"] = real
            self.warnings.append("AUTHORIZATION: a placeholder is not a key; it is switched off")


def load_environ(env_file: Path = Path(".env")) -> dict[str, str]:
    """The environment over the .env file of the working directory: what is set already wins."""
    try:
        # No interpolation: a password may hold ${…}.
        written = dotenv_values(env_file, interpolate=False, encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError([f"{env_file} is not UTF-8; save it as UTF-8"]) from None
    except OSError as reason:
        raise SettingsError([f"{env_file} cannot be read: {reason.strerror}"]) from None
    return {name: value for name, value in written.items() if value is not None} | dict(os.environ)


def load_settings(env_file: Path = Path(".env")) -> Settings:
    """The settings of this process."""
    return Settings.from_environ(load_environ(env_file))


def load_wiring() -> Wiring:
    """What the supervisor told this process."""
    return Wiring.from_environ(os.environ)

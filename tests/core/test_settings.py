import logging
from pathlib import Path

import pytest

from core.settings import Settings, SettingsError, load_environ, load_settings

STRONG = "correct-horse-battery"


def read(**environ: str) -> Settings:
    return Settings.from_environ(environ)


def problems_of(**environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ(environ)
    return "\n".join(caught.value.problems)


def test_an_empty_environment_gives_the_defaults_without_a_word() -> None:
    settings = read()
    assert settings == Settings()
    assert settings.warnings == ()
    assert (settings.port, settings.bind, settings.admin_bind) == (
        8080,
        "127.0.0.1",
        ("127.0.0.1", 8081),
    )


def test_the_key_file_lies_in_the_data_folder_unless_told_otherwise() -> None:
    assert read(DATA_DIR="/srv/grok").secret_key_file == Path("/srv/grok/secret.key")
    assert Settings(data_dir=Path("/d")).secret_key_file == Path("/d/secret.key")
    assert read(SECRET_KEY_FILE="/run/key").secret_key_file == Path("/run/key")


def test_warnings_do_not_make_settings_differ() -> None:
    assert read(HOST="box") == read()


@pytest.mark.parametrize(
    ("environ", "field", "value"),
    [
        pytest.param({"HOST": "https://Grok.Example.com/"}, "host", "https://grok.example.com",
                     id="a trailing slash of HOST is dropped and its case folded"),
        pytest.param({"HOST": "https://a.example:443"}, "host", "https://a.example",
                     id="the default port of HOST is left out"),
        pytest.param({"HOST": "http://[::1]:8080"}, "host", "http://[::1]:8080",
                     id="HOST may be an IPv6 address"),
        pytest.param({"PORT": "9000 # 端口"}, "port", 9000, id="a comment after a number goes"),
        pytest.param({"BIND": "[::]"}, "bind", "::", id="brackets around an address go"),
        pytest.param({"ADMIN_BIND": "[::1]:9001"}, "admin_bind", ("::1", 9001),
                     id="ADMIN_BIND takes IPv6 in brackets"),
        pytest.param({"ADMIN_BIND": "9001"}, "admin_bind", ("127.0.0.1", 9001),
                     id="a bare port in ADMIN_BIND means loopback"),
        pytest.param({"ADMIN_PASSWORD": '"quoted # inside 1"'}, "admin_password",
                     "quoted # inside 1", id="a # in quotes belongs to the value"),
        pytest.param({"ADMIN_PASSWORD": "long#enough#one"}, "admin_password", "long#enough#one",
                     id="a # without a space before it belongs to the value"),
        pytest.param({"ADMIN_PASSWORD": " # 设置管理后台密码"}, "admin_password", None,
                     id="nothing but a comment is nothing"),
        pytest.param({"ADMIN_PASSWORD": ""}, "admin_password", None, id="empty is unset"),
        pytest.param({"AUTHORIZATION": "Bearer sk-0123456789ab, sk-ba9876543210,"},
                     "authorization", ("sk-0123456789ab", "sk-ba9876543210"),
                     id="AUTHORIZATION is a list, Bearer and a trailing comma go"),
        pytest.param({"AUTHORIZATION": "xxx2"}, "authorization", (), id="no placeholder"),
        pytest.param({"AUTHORIZATION": "Bearer "}, "authorization", (), id="Bearer alone"),
        pytest.param({"ENABLE_MIRROR_API": "False"}, "enable_mirror_api", False,
                     id="booleans in any case"),
        pytest.param({"API_HATD": "off"}, "api_hatd", False, id="off is false"),
        pytest.param({"WEB_HATD": "YES"}, "web_hatd", True, id="yes is true"),
        pytest.param({"ALLOW_RAW_SSO": "'0'"}, "allow_raw_sso", False, id="a quoted boolean"),
        pytest.param({"MIRROR_API_PREFIX": "//abc/d/"}, "mirror_api_prefix", "/abc/d",
                     id="slashes of the prefix are normalised"),
        pytest.param({"MIRROR_API_PREFIX": "/"}, "mirror_api_prefix", "", id="only a slash"),
        pytest.param({"GOOGLEADS": "<style>a { color: #fff }</style> # 广告"}, "googleads",
                     "<style>a { color: #fff }</style>", id="a colour is no comment"),
        pytest.param({"TZ": ":Europe/Berlin"}, "tz", "Europe/Berlin", id="the colon of TZ goes"),
        pytest.param({"DATABASE_URL": "postgresql://u:p@db/x"}, "database_url",
                     "postgresql://u:p@db/x", id="a database URL"),
        pytest.param({"CHAT_TRANSPORT": "MGW"}, "chat_transport", "mgw", id="words in any case"),
        pytest.param({"PROXY_WORKERS": "4"}, "proxy_workers", 4, id="a count"),
        pytest.param({"FRONT": "off"}, "front", "off", id="the front off"),
        pytest.param({"GROK_CA_FILE": "/ca.pem"}, "grok_ca_file", Path("/ca.pem"), id="a path"),
    ],
)  # fmt: skip
def test_values_are_understood(environ: dict[str, str], field: str, value: object) -> None:
    assert getattr(read(**environ), field) == value


def test_the_proxy_pool_of_the_sample_file_with_its_trailing_comma() -> None:
    pool = read(PROXY_URL_POOL="http://u:secretpw@h:3128, socks5h://[::1]:1080,\n")
    assert [egress.scheme for egress in pool.proxy_url_pool] == ["http", "socks5h"]
    assert "secretpw" not in repr(pool)


def test_a_commented_list_over_several_lines() -> None:
    pool = read(PROXY_URL_POOL="http://a:1 # one\nhttp://b:2 # two\n")
    assert [egress.host for egress in pool.proxy_url_pool] == ["a", "b"]


def test_connect_to_is_parsed() -> None:
    assert len(read(GROK_CONNECT_TO="*:443=127.0.0.1:9443").grok_connect_to) == 1


def test_trusted_proxies_take_addresses_and_networks() -> None:
    networks = read(TRUSTED_PROXIES="127.0.0.1, 10.1.2.3/8 ::1").trusted_proxies
    assert [str(network) for network in networks] == ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("*", ("*",)),
        ("none", ()),
        ("https://Chat.example.com:443/, http://localhost:3000",
         ("https://chat.example.com", "http://localhost:3000")),
    ],
)  # fmt: skip
def test_origins_that_may_call(text: str, origins: tuple[str, ...]) -> None:
    assert read(API_CORS_ORIGINS=text).api_cors_origins == origins


BAD = [
    ({"PORT": "80a"}, "PORT"),
    ({"PORT": "0"}, "PORT"),
    ({"PORT": "70000"}, "PORT"),
    ({"PORT": "٨٠٨٠"}, "PORT"),
    ({"PORT": "8081"}, "PORT and ADMIN_BIND"),
    ({"ADMIN_BIND": "0.0.0.0:8080"}, "PORT and ADMIN_BIND"),
    ({"ADMIN_BIND": "::1:8081"}, "ADMIN_BIND"),
    ({"ADMIN_BIND": "localhost"}, "ADMIN_BIND"),
    ({"ADMIN_BIND": ":8081"}, "ADMIN_BIND"),
    ({"BIND": "0.0.0.0:8080"}, "BIND"),
    ({"BIND": "not an address"}, "BIND"),
    ({"HOST": "https://u:hunter2hunter2@x.example"}, "HOST"),
    ({"HOST": "https://u:hunter2hunter2"}, "HOST"),
    ({"HOST": "https://x.example/path"}, "HOST"),
    ({"HOST": "https://x.example:99999"}, "HOST"),
    ({"HOST": "https://"}, "HOST"),
    ({"ENABLE_MIRROR_API": "maybe"}, "ENABLE_MIRROR_API"),
    ({"API_HATD": "2"}, "API_HATD"),
    ({"API_REASONING": "loud"}, "API_REASONING"),
    ({"API_CORS_ORIGINS": "chat.example.com"}, "API_CORS_ORIGINS"),
    ({"API_CORS_ORIGINS": "*, https://chat.example.com"}, "API_CORS_ORIGINS"),
    ({"MODEL_ALIASES": "gpt-4o"}, "MODEL_ALIASES"),
    ({"ADMIN_SAME_ORIGIN": "ja"}, "ADMIN_SAME_ORIGIN"),
    ({"MIRROR_API_PREFIX": "a b"}, "MIRROR_API_PREFIX"),
    ({"MIRROR_API_PREFIX": "/-/x"}, "MIRROR_API_PREFIX"),
    ({"MIRROR_API_PREFIX": "../x"}, "MIRROR_API_PREFIX"),
    ({"PROXY_URL_POOL": "ftp://u:hunter2hunter2@h:1"}, "PROXY_URL_POOL"),
    ({"PROXY_URL_POOL": "http://u:hunter2hunter2@h:port"}, "PROXY_URL_POOL"),
    ({"TRUSTED_PROXIES": "10.0.0.0/33"}, "TRUSTED_PROXIES"),
    ({"TRUSTED_PROXIES": "0.0.0.0/0"}, "TRUSTED_PROXIES"),
    ({"TRUSTED_PROXIES": "*"}, "TRUSTED_PROXIES"),
    ({"DATABASE_URL": "mysql://u:hunter2hunter2@db/x"}, "DATABASE_URL"),
    ({"TZ": "Asia Shanghai"}, "TZ"),
    ({"CHAT_TRANSPORT": "smoke signals"}, "CHAT_TRANSPORT"),
    ({"GROK_CONNECT_TO": "nonsense"}, "GROK_CONNECT_TO"),
    ({"PROXY_WORKERS": "0"}, "PROXY_WORKERS"),
    ({"PROXY_WORKERS": "2", "FRONT": "off"}, "PROXY_WORKERS"),
    ({"FRONT": "nginx"}, "FRONT"),
    ({"TLS_CERT_FILE": "/c.pem"}, "TLS_KEY_FILE"),
    ({"TLS_CERT_FILE": "/c", "TLS_KEY_FILE": "/k", "FRONT": "off"}, "FRONT"),
    ({"ADMIN_PASSWORD": "xxx1"}, "ADMIN_PASSWORD"),
    ({"ADMIN_PASSWORD": "xxx1 # 设置管理后台密码"}, "ADMIN_PASSWORD"),
    ({"ADMIN_PASSWORD": "hunter2"}, "ADMIN_PASSWORD"),
    ({"ADMIN_PASSWORD": "PasswordPassword"}, "ADMIN_PASSWORD"),
    ({"ADMIN_PASSWORD": "abababababababab"}, "ADMIN_PASSWORD"),
    ({"ADMIN_PASSWORD": STRONG, "AUTHORIZATION": f"other-key-0000,{STRONG}"}, "AUTHORIZATION"),
    ({"ADMIN_PASSWORD": "hunter2", "ALLOW_WEAK": "1", "BIND": "0.0.0.0"}, "ADMIN_PASSWORD"),
    ({"ADMIN_PASSWORD": "hunter2", "ALLOW_WEAK": "1", "ADMIN_BIND": "0.0.0.0:8081"},
     "ADMIN_PASSWORD"),
    ({"MITMWEB_PASSWORD": "hunter2"}, "MITMWEB_PASSWORD"),
    ({"MITMWEB_PASSWORD": STRONG, "MITMWEB_BIND": "127.0.0.1:8081"}, "MITMWEB_BIND"),
    ({"GROK_CONECT_TO": "x=hunter2hunter2"}, "did you mean GROK_CONNECT_TO?"),
    ({"GROK_WHATEVER": "hunter2hunter2"}, "GROK_WHATEVER"),
]  # fmt: skip


@pytest.mark.parametrize(("environ", "named"), BAD, ids=[repr(environ) for environ, _ in BAD])
def test_bad_configurations_are_named_and_their_secrets_are_not(
    environ: dict[str, str], named: str
) -> None:
    told = problems_of(**environ)
    assert named in told
    assert "hunter2" not in told
    assert STRONG not in told


def test_each_wrong_entry_of_a_list_is_a_problem_of_its_own() -> None:
    told = problems_of(PROXY_URL_POOL="ftp://h:1,http://u:hunter2@h:port,http://fine:1")
    assert len(told.splitlines()) == 2


def test_all_problems_come_at_once() -> None:
    told = problems_of(PORT="x", BIND="?", API_HATD="?", GROK_X="1", ADMIN_PASSWORD="short")
    assert len(told.splitlines()) == 5


@pytest.mark.parametrize(
    ("environ", "word"),
    [
        pytest.param({"HOST": "vs320"}, "HOST", id="tcsh's HOST is ignored"),
        pytest.param({"PORT": "9000 # x"}, "line of their own", id="a comment was cut off"),
        pytest.param({"AUTHORIZATION": "xxx2"}, "placeholder", id="a placeholder key"),
        pytest.param({"AUTHORIZATION": "abc123"}, "easy to guess", id="a short key"),
        pytest.param({"BIND": "0.0.0.0"}, "without TLS", id="a public listener without TLS"),
        pytest.param({"ADMIN_SAME_ORIGIN": "1"}, "grok.com's scripts", id="one origin for both"),
        pytest.param({"ADMIN_PASSWORD": "weak", "ALLOW_WEAK": "1"}, "weak", id="weak on loopback"),
        pytest.param({"ADMIN_PASSWROD": "x"}, "ADMIN_PASSWORD", id="a likely typing mistake"),
    ],
)
def test_odd_but_legal_configurations_are_warned_about(environ: dict[str, str], word: str) -> None:
    warnings = read(**environ).warnings
    assert len(warnings) == 1
    assert word in warnings[0]


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({"BIND": "0.0.0.0", "TRUSTED_PROXIES": "10.0.0.1"}, id="a proxy is in front"),
        pytest.param({"BIND": "::", "TLS_CERT_FILE": "/c", "TLS_KEY_FILE": "/k"}, id="own TLS"),
        pytest.param({"GROK_SERVICE_HOST": "10.0.0.1", "GROK_MIRROR_PORT_8080_TCP": "tcp://x"},
                     id="Kubernetes' service links"),
        pytest.param({"MIRROR_BOOT_SECRET": "x", "HOSTNAME": "b", "DATABASE_URI": ""},
                     id="other people's variables"),
    ],
)  # fmt: skip
def test_nothing_to_warn_about(environ: dict[str, str]) -> None:
    assert [w for w in read(**environ).warnings if "DATABASE_URI" not in w] == []


def test_secrets_are_absent_from_repr() -> None:
    shown = repr(read(ADMIN_PASSWORD=STRONG, AUTHORIZATION="sk-very-secret-1",
                      DATABASE_URL="postgresql://u:hidden@db/x"))  # fmt: skip
    assert STRONG not in shown
    assert "sk-very-secret-1" not in shown
    assert "hidden" not in shown


def test_the_table_has_each_setting_once_with_help_in_both_languages() -> None:
    rows = Settings.table()
    names = [row.name for row in rows]
    assert len(set(names)) == len(names) == 43
    assert all(row.zh and row.en for row in rows)
    assert {row.name for row in rows if row.from_dairoot} == {
        "HOST", "ADMIN_PASSWORD", "AUTHORIZATION", "ENABLE_MIRROR_API", "MIRROR_API_PREFIX",
        "API_HATD", "PROXY_URL_POOL", "GOOGLEADS", "TZ",
    }  # fmt: skip


def test_the_env_file_is_read_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("﻿PORT=9000 # 端口\nTZ=UTC\nADMIN_PASSWORD=a-${PORT}-literal\n", "utf-8")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    settings = load_settings(env_file)
    assert (settings.port, settings.tz) == (9000, "Asia/Tokyo")
    assert settings.admin_password == "a-${PORT}-literal"


def test_an_env_file_in_another_encoding_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("TZ=UTC # 时区".encode("gbk"))
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_environ(tmp_path / ".env")


def test_an_env_file_that_is_missing_is_no_problem(tmp_path: Path) -> None:
    assert load_settings(tmp_path / ".env") == Settings()


def test_a_broken_line_of_the_env_file_is_not_repeated_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / ".env").write_text("this is = not 'a secret-line\nPORT=9000\n")
    with caplog.at_level(logging.DEBUG):
        load_environ(tmp_path / ".env")
    assert "secret-line" not in caplog.text

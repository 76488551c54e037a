"""The configuration as text: what must stand in it, whatever the plan."""

from dataclasses import replace
from pathlib import Path

import pytest

from supervisor.front import read_build
from supervisor.front_plan import FrontPlan, NginxBuild
from supervisor.nginx_config import nginx_config
from supervisor.nginx_locations import quoted

PLAN = FrontPlan(
    runtime_dir=Path("/run/front"),
    cache_dir=Path("/run/front/cache"),
    listen=("127.0.0.1", 8080),
    proxies=(("127.0.0.1", 9001),),
    secret="5ec2e7",
    build=NginxBuild(version=(1, 22, 1)),
)
TLS = replace(PLAN, certificate=Path("/etc/c.pem"), certificate_key=Path("/etc/k.pem"))


@pytest.mark.parametrize(
    ("plan", "line"),
    [
        pytest.param(PLAN, "listen 127.0.0.1:8080 default_server;", id="listens where it is told"),
        pytest.param(
            replace(PLAN, listen=("::", 80)),
            "listen [::]:80 default_server ipv6only=on;",
            id="every address means IPv6",
        ),
        pytest.param(
            replace(PLAN, listen=("::", 80)),
            "listen 0.0.0.0:80 default_server;",
            id="every address means IPv4 too",
        ),
        pytest.param(
            replace(PLAN, listen=("fd00::1", 80)),
            "listen [fd00::1]:80 default_server;",
            id="an IPv6 address is bracketed",
        ),
        pytest.param(TLS, "default_server ssl http2;", id="an old nginx has http2 as an option"),
        pytest.param(
            replace(TLS, build=NginxBuild(version=(1, 26, 0))),
            "http2 on;",
            id="a new nginx has http2 as a directive",
        ),
        pytest.param(
            replace(PLAN, worker_user="nobody nogroup"),
            "user nobody nogroup;",
            id="under root the workers are nobody",
        ),
        pytest.param(PLAN, "proxy_set_header X-Mirror-Front 5ec2e7;", id="the secret is passed"),
        pytest.param(
            PLAN, 'proxy_set_header X-Mirror-User "";', id="claims of a client are removed"
        ),
        pytest.param(
            replace(PLAN, uncounted=("10.0.0.0/8",)),
            "10.0.0.0/8 0;",
            id="a trusted proxy may open as many connections as it likes",
        ),
    ],
)
def test_config_contains(plan, line):
    assert line in nginx_config(plan)


def test_without_static_prefixes_there_is_no_cache():
    assert "proxy_cache" not in nginx_config(PLAN)


def test_static_prefix_is_cached_without_cookies():
    text = nginx_config(replace(PLAN, cached_prefixes=("/-/cdn.grok.com/_next/static/",)))
    location = text.split('location ^~ "/-/cdn.grok.com/_next/static/"')[1].split("}")[0]
    assert 'proxy_set_header Cookie "";' in location
    assert "proxy_cache front_static;" in location


def test_two_proxies_share_the_internal_calls():
    text = nginx_config(
        replace(
            PLAN,
            internal_listen=("127.0.0.1", 9100),
            internal_proxies=(("127.0.0.1", 9101), ("127.0.0.1", 9102)),
        )
    )
    server = text.split("upstream front_internal")[1]
    assert "server 127.0.0.1:9101" in server
    assert "server 127.0.0.1:9102" in server
    assert "X-Mirror" not in server


def test_calls_of_one_conversation_meet_the_same_proxy():
    proxies = (("127.0.0.1", 9101), ("127.0.0.1", 9102))
    plan = replace(PLAN, internal_listen=("127.0.0.1", 9100), internal_proxies=proxies)
    text = nginx_config(plan)
    assert "hash $http_x_mirror_sticky consistent;" in text.split("upstream front_sticky")[1]
    assert "least_conn;" in text.split("upstream front_internal")[1].split("}")[0]


@pytest.mark.parametrize("path", ["/a/$HOME/c.pem", "/a/b\nuser root;"])
def test_paths_nginx_would_misread_are_refused(path):
    with pytest.raises(ValueError, match="nginx cannot use the path"):
        quoted(path)


def test_spaces_and_quotes_in_paths_are_quoted():
    assert quoted('/a b/"c"') == '"/a b/\\"c\\""'


def test_secret_is_not_in_repr():
    assert "5ec2e7" not in repr(PLAN)


def test_build_is_read_from_nginx():
    text = "nginx version: nginx/1.18.0 (Ubuntu)\nconfigure arguments: --without-http_scgi_module"
    build = read_build(text)
    assert build.version == (1, 18, 0)
    assert build.modules == {"http_fastcgi", "http_uwsgi"}
    assert not build.logs_early_to_stderr

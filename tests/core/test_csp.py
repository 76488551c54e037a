"""The policy of the mirror's pages: nothing leads past the mirror."""

import pytest

from core.csp import REPORT_PATH, SANDBOX_CSP, SANDBOX_SCRIPTS_CSP, mirror_csp, script_sources
from core.origins import Origins
from tests.core.test_origins import LAPTOP, PUBLIC


def directives(policy: str | None, origins: Origins = LAPTOP, extra: tuple[str, ...] = ()):
    value = mirror_csp(policy, origins, extra)
    return {name: rest for name, _, rest in (part.partition(" ") for part in value.split("; "))}


SOURCES = {
    "a mapped host": ("https://cdn.grok.com", "'self'"),
    "a mapped host without scheme": ("grok.com", "'self'"),
    "a mapped host with a path": ("https://cdn.grok.com/_next/", "'self'"),
    "a mapped host with a port": ("https://grok.com:443", "'self'"),
    "another port": ("https://grok.com:8443", "'none'"),
    "hosts under a mapped domain": ("https://*.grok.com", "'self'"),
    "several that become one": ("'self' https://grok.com cdn.grok.com", "'self'"),
    "a foreign host": ("https://o1.ingest.sentry.io", "'none'"),
    "a foreign host that begins alike": ("https://grok.com.evil.example", "'none'"),
    "foreign hosts under a domain": ("*.evil.example", "'none'"),
    "any host": ("*", "'self'"),
    "any secure host": ("https: wss:", "'self'"),
    "local data": ("data: blob:", "data: blob:"),
    "a scheme of an app": ("x-app:", "'none'"),
    "nothing": ("'none'", "'none'"),
    "no value": ("", "'none'"),
    "nonces, hashes and keywords": (
        "'nonce-Ab+/=' 'sha256-Cd=' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval'",
        "'nonce-Ab+/=' 'sha256-Cd=' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval'",
    ),
    "trust that spreads": ("'nonce-a' 'strict-dynamic'", "'nonce-a' 'self'"),
}


@pytest.mark.parametrize(("sources", "expected"), SOURCES.values(), ids=SOURCES)
def test_sources(sources, expected):
    assert directives(f"default-src 'self'; font-src {sources}")["font-src"] == expected


def test_sockets_go_to_the_mirror():
    policy = "default-src 'self'; connect-src 'self' wss://grok.com https://x.ai data:"
    assert directives(policy)["connect-src"] == "'self' data: ws://127.0.0.1:8080"
    assert directives(policy, PUBLIC)["connect-src"] == "'self' data: wss://grok.example.org"
    assert directives("default-src 'self'")["connect-src"] == "'self' ws://127.0.0.1:8080"
    assert directives("connect-src 'none'")["connect-src"] == "'none'"


def test_reports_come_to_the_mirror_and_only_the_mirror_frames_its_pages():
    found = directives("frame-ancestors https://x.com; report-uri https://e.x/; report-to csp")
    assert found["report-uri"] == REPORT_PATH
    assert found["frame-ancestors"] == "'self'"
    assert "report-to" not in found


def test_secure_transport_is_asked_for_only_where_there_is_some():
    assert "upgrade-insecure-requests" not in directives("upgrade-insecure-requests")
    assert directives("upgrade-insecure-requests", PUBLIC)["upgrade-insecure-requests"] == ""


def test_what_is_not_a_list_of_sources_stays():
    policy = "sandbox allow-scripts; require-trusted-types-for 'script'; trusted-types next"
    found = directives(policy)
    assert found["sandbox"] == "allow-scripts"
    assert found["require-trusted-types-for"] == "'script'"
    assert found["trusted-types"] == "next"


@pytest.mark.parametrize("policy", [None, "", " , ;", "script-src 'self'"])
def test_without_a_default_a_page_is_still_held(policy):
    assert directives(policy)["default-src"].startswith("'self' data: blob:")


def test_two_policies_stay_two():
    value = mirror_csp("default-src https:, img-src data:", LAPTOP)
    assert value.count("report-uri") == 2
    assert "https:" not in value


def test_a_directive_given_twice_counts_once():
    assert directives("img-src data:; IMG-SRC blob:")["img-src"] == "data:"


def test_the_scripts_of_a_snippet_may_run():
    snippet = '<script async src="https://ads.example/a.js?c=1"></script><script>go()</script>'
    extra = script_sources(snippet)
    assert extra[0] == "https://ads.example"
    assert extra[1].startswith("'sha256-")
    found = directives("script-src 'nonce-a'; img-src 'none'; trusted-types x", extra=extra)
    assert found["script-src"] == f"'nonce-a' https://ads.example {extra[1]}"
    assert found["img-src"] == "https://ads.example"
    assert "trusted-types" not in found


def test_a_hash_does_not_switch_inline_scripts_off():
    extra = ("'sha256-AA='",)
    found = directives("script-src 'self' 'unsafe-inline'", extra=extra)
    assert found["script-src"] == "'self' 'unsafe-inline'"
    assert "sha256" not in mirror_csp(None, LAPTOP, extra)


def test_user_content_gets_an_origin_of_its_own():
    for policy in (SANDBOX_CSP, SANDBOX_SCRIPTS_CSP):
        assert policy.startswith("sandbox ")
        assert "allow-same-origin" not in policy
        assert "allow-top-navigation" not in policy
    assert "script" not in SANDBOX_CSP

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from core.mirror_config import ConfigError, parse_config
from core.routes import Do

SHIPPED = Path(__file__).parent.parent.parent / "mitm_config.yaml"


@pytest.fixture(scope="module")
def shipped():
    return parse_config(YAML(typ="safe").load(SHIPPED.read_text(encoding="utf-8")))


def test_the_shipped_file_is_valid(shipped):
    assert shipped.hosts[0].host.name == "grok.com"
    assert shipped.rule_for("cdn.grok.com").default.open


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/rest/app-chat/conversations"),
        ("DELETE", "/rest/app-chat/conversations/soft"),
        ("DELETE", "/rest/auth/delete-session"),
        ("POST", "/rest/auth/soft-delete-user"),
        ("POST", "/rest/auth/set-email-address"),
        ("POST", "/rest/auth/create-session"),
        ("POST", "/auth_mgmt.AuthManagement/UpdateUserFeatureControls"),
        ("POST", "/prod.grok.connectors.manager.ConnectorManager/Anything"),
        ("GET", "/api/oauth-connectors"),
        ("GET", "/sign-out"),
        ("GET", "/logout"),
    ],
)
def test_what_could_end_or_change_the_account_never_leaves(shipped, method, path):
    route = shipped.hosts[0].routes.find(method, path)
    assert route is None or route.do in (Do.ANSWER, Do.REFUSE)


@pytest.mark.parametrize("host", ["accounts.x.ai", "auth.x.ai", "auth.grok.com"])
@pytest.mark.parametrize("path", ["/sign-out", "/logout", "/sign-in", "/account", "/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_account_hosts_are_never_asked(shipped, host, path, method):
    rule = shipped.rule_for(host)
    route = rule.routes.find(method, path)
    if route is None and rule.default and method in rule.default.methods:
        route = rule.default
    assert route is None or route.do is not Do.PASS


def test_hosts_with_peoples_own_content_are_sandboxed(shipped):
    names = {rule.host.name for rule in shipped.hosts if rule.host.sandbox}
    assert {"assets.grok.com", "artifacts.grokusercontent.com"} <= names


def test_all_problems_are_reported_at_once():
    with pytest.raises(ConfigError) as caught:
        parse_config(
            {
                "hosts": [{"name": "a.b", "colour": "red", "routes": [{"path": "x"}]}],
                "own": [{"path": "/x"}, {"path": "/x"}],
                "typo": 1,
                "static": "no list",
            }
        )
    text = str(caught.value)
    for part in ("unknown section typo", "unknown colour", "must start with /", "twice", "static"):
        assert part in text


@pytest.mark.parametrize("data", [None, [], "text", {}])
def test_nonsense_is_refused(data):
    with pytest.raises(ConfigError):
        parse_config(data)

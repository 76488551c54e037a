import pytest

from core.setting_checks import contradictions, doubts, likely_typos, unknown_names
from core.settings import Settings

KNOWN = ["ADMIN_PASSWORD", "GROK_CONNECT_TO", "PORT"]


def test_unknown_grok_names_are_problems_with_a_hint_where_one_is_near() -> None:
    near, far = unknown_names(["GROK_CONECT_TO", "GROK_XYZ", "GROK_CONNECT_TO", "HOME"], KNOWN)
    assert near == "GROK_CONECT_TO: there is no such setting; did you mean GROK_CONNECT_TO?"
    assert far == "GROK_XYZ: there is no such setting"


@pytest.mark.parametrize(
    "name", ["GROK_SERVICE_HOST", "GROK_MIRROR_SERVICE_PORT_HTTP", "GROK_PORT_8080_TCP_ADDR"]
)
def test_kubernetes_service_links_are_nobodys_mistake(name: str) -> None:
    assert unknown_names([name], KNOWN) == []


def test_a_near_miss_is_only_a_doubt_and_none_when_the_right_name_is_there() -> None:
    assert likely_typos(["ADMIN_PASSWROD", "PATH"], KNOWN) == [
        "ADMIN_PASSWROD is not a setting; did you mean ADMIN_PASSWORD?"
    ]
    assert likely_typos(["ADMIN_PASSWROD", "ADMIN_PASSWORD"], KNOWN) == []


def test_the_defaults_contradict_nothing_and_raise_no_doubt() -> None:
    assert contradictions(Settings()) == []
    assert doubts(Settings()) == []


def test_mitmweb_is_worth_a_word_at_each_start() -> None:
    settings = Settings(mitmweb_password="correct horse battery")
    assert contradictions(settings) == []
    assert any("mitmweb is on" in doubt for doubt in doubts(settings))

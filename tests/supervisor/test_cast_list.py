from pathlib import Path

import pytest

from core.egress import EgressSpec
from core.mirror_config import ConfigError
from core.settings import Settings
from supervisor.cast_list import (
    MIRROR_CONFIG,
    mitmweb_specs,
    proxy_specs,
    read_mirror_config,
    secrets_of,
    sidecar_spec,
)
from supervisor.wiring import plan_layout

SETTINGS = Settings(
    admin_password="correct horse",
    mitmweb_password="battery staple",
    authorization=("sk-1234567",),
    proxy_url_pool=(EgressSpec.parse("http://u:hunter22@127.0.0.1:3128"),),
    proxy_workers=2,
)
LAYOUT = plan_layout(SETTINGS, behind_front=True, folder=Path("/run/mirror"))


def test_the_secret_is_in_the_environment_and_never_in_argv():
    specs = [*proxy_specs(SETTINGS, {}, LAYOUT), sidecar_spec({}, LAYOUT)]
    for spec in [*specs, *mitmweb_specs({}, LAYOUT)]:
        assert LAYOUT.secret in spec.env.values()
        assert LAYOUT.secret not in " ".join(spec.argv)
        assert LAYOUT.secret not in repr(spec)


def test_proxies_are_told_apart():
    specs = proxy_specs(SETTINGS, {}, LAYOUT)
    assert [spec.name for spec in specs] == ["proxy-1", "proxy-2"]
    assert specs[0].env["MIRROR_PROXY_LISTEN"] != specs[1].env["MIRROR_PROXY_LISTEN"]


def test_mitmweb_runs_only_when_it_was_asked_for():
    assert [spec.name for spec in mitmweb_specs({}, LAYOUT)] == ["mitmweb"]
    assert mitmweb_specs({}, plan_layout(Settings(), behind_front=True)) == []


@pytest.mark.parametrize(
    "secret",
    [
        "correct horse",
        "battery staple",
        "sk-1234567",
        "hunter22",
        pytest.param(LAYOUT.secret, id="boot secret"),
    ],
)
def test_what_no_log_may_show(secret):
    assert secret in secrets_of(SETTINGS, LAYOUT.secret)


def test_static_prefixes_come_from_the_mirror_config():
    config, version = read_mirror_config(MIRROR_CONFIG)
    assert config.static
    assert len(version) == 16


def test_broken_mirror_config_is_named(tmp_path):
    broken: Path = tmp_path / "mitm_config.yaml"
    broken.write_text("a: [")
    with pytest.raises(ConfigError, match=r"mitm_config\.yaml"):
        read_mirror_config(broken)

from dataclasses import replace
from pathlib import Path

import pytest

from core.settings import SettingsError, Wiring, load_wiring

WIRING = Wiring(
    secret="ab" * 32,
    proxy_listen=("0.0.0.0", 8080),
    internal_listen=("127.0.0.1", 4001),
    sidecar_listen=("::1", 4002),
    behind_front=True,
)


def test_wiring_survives_the_trip_through_a_child_environment() -> None:
    assert Wiring.from_environ(WIRING.to_environ()) == WIRING
    assert "abab" not in repr(WIRING)


def test_where_flows_are_shown_is_told_too() -> None:
    wiring = replace(WIRING, flow_socket=Path("/run/x/flows.sock"))
    assert Wiring.from_environ(wiring.to_environ()) == wiring


def test_missing_wiring_names_every_variable_and_no_secret() -> None:
    environ = WIRING.to_environ() | {"MIRROR_BOOT_SECRET": "short-secret"}
    del environ["MIRROR_SIDECAR_LISTEN"]
    with pytest.raises(SettingsError) as caught:
        Wiring.from_environ(environ)
    assert len(caught.value.problems) == 2
    assert "short-secret" not in str(caught.value)


def test_load_wiring_reads_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WIRING.to_environ().items():
        monkeypatch.setenv(name, value)
    assert load_wiring() == WIRING

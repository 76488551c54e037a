from core.settings import Settings
from core.wiring import Wiring
from supervisor.wiring import plan_layout


def test_without_front_the_proxy_has_the_public_port():
    layout = plan_layout(Settings(port=8080, proxy_workers=3), behind_front=False)
    assert layout.proxies == (("127.0.0.1", 8080),)
    assert not layout.of_proxy(0).behind_front


def test_behind_a_front_no_proxy_is_public():
    layout = plan_layout(Settings(bind="0.0.0.0", proxy_workers=3), behind_front=True)
    assert {host for host, _ in layout.proxies} == {"127.0.0.1"}
    assert len(set(layout.proxies + layout.internals)) == 6


def test_sidecar_of_one_proxy_calls_it_directly():
    layout = plan_layout(Settings(), behind_front=True)
    assert layout.of_sidecar().internal_listen == layout.of_proxy(0).internal_listen


def test_sidecar_of_several_proxies_calls_the_front():
    layout = plan_layout(Settings(proxy_workers=2), behind_front=True)
    assert layout.of_sidecar().internal_listen not in layout.internals


def test_children_read_back_what_they_are_told():
    wiring = plan_layout(Settings(), behind_front=True).of_proxy(0)
    assert Wiring.from_environ(wiring.to_environ()) == wiring


def test_developers_are_shown_flows_only_when_it_was_asked_for(tmp_path):
    nobody = plan_layout(Settings(), behind_front=True, folder=tmp_path)
    assert nobody.of_proxy(0).flow_socket is None
    settings = Settings(mitmweb_password="correct horse battery", proxy_workers=2)
    layout = plan_layout(settings, behind_front=True, folder=tmp_path)
    sockets = {layout.of_proxy(number).flow_socket for number in (0, 1)}
    assert sockets == {layout.flows} == {tmp_path / "flows.sock"}


def test_every_run_has_a_secret_of_its_own_that_is_not_shown():
    one, two = (plan_layout(Settings(), behind_front=True) for _ in range(2))
    assert one.secret != two.secret
    assert one.secret not in repr(one)

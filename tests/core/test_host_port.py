import pytest

from core.host_port import join_host_port, split_host_port


@pytest.mark.parametrize("text", ["host:1", "127.0.0.1:65535", "[::1]:443", "a_b.c-d:80"])
def test_joining_undoes_splitting(text):
    assert join_host_port(*split_host_port(text)) == text


@pytest.mark.parametrize("text", ["h:0100000", "h:+1", "h:1 ", "h:-1", "h:", "-h:1", "[::1]1", ""])
def test_no_guessing(text):
    with pytest.raises(ValueError, match=r"host|port|address"):
        split_host_port(text)


def test_names_of_other_scripts_become_ascii():
    assert split_host_port("Bücher.example", 80) == ("xn--bcher-kva.example", 80)

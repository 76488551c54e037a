import socket

import pytest

from supervisor.listeners import free_ports, next_free, problem_with, problems_with


@pytest.fixture
def busy():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


def test_busy_port_is_reported_with_its_setting(busy):
    problem = problem_with("PORT", busy)
    assert f"127.0.0.1:{busy[1]} is already in use" in problem
    assert "set PORT" in problem


def test_foreign_address_is_reported():
    assert "not an address of this machine" in problem_with("BIND", ("192.0.2.1", 8080))


def test_every_problem_is_reported(busy):
    [free] = free_ports(1)
    problems = problems_with([("PORT", busy), ("OTHER", free), ("ADMIN_BIND", busy)])
    assert ["set PORT" in problems[0], "set ADMIN_BIND" in problems[1]] == [True, True]


def test_next_free_port_is_near(busy):
    host, port = next_free(busy)
    assert host == "127.0.0.1"
    assert port != busy[1]


def test_next_free_port_is_not_one_just_promised():
    [free] = free_ports(1)
    assert next_free(free, [free]) != free


def test_free_ports_are_different():
    assert len(set(free_ports(5))) == 5

"""Which addresses are ours to listen on: busy ones are found before any child starts."""

import errno
import socket
from collections.abc import Iterable
from contextlib import ExitStack

Address = tuple[str, int]
_TRIES = 50

_REASONS = {
    errno.EADDRINUSE: ("已被其他程序占用", "is already in use by another program"),
    errno.EACCES: ("没有权限监听", "needs more rights to listen on"),
    errno.EADDRNOTAVAIL: ("不是本机地址", "is not an address of this machine"),
}


def problem_with(name: str, address: Address) -> str | None:
    """None when one can listen there, otherwise a sentence that names the setting."""
    try:
        _bound(address).close()
    except OSError as problem:
        zh, en = _REASONS.get(problem.errno or 0, ("无法监听", f"cannot be used ({problem})"))
        where = f"{address[0]}:{address[1]}"
        return f"{where} {zh}，请修改 {name} / {where} {en}; set {name}"
    return None


def problems_with(wanted: Iterable[tuple[str, Address]]) -> list[str]:
    """Every address that cannot be had."""
    found = [problem_with(name, address) for name, address in wanted]
    return [problem for problem in found if problem]


def next_free(address: Address, taken: Iterable[Address] = ()) -> Address:
    """This address, or the same host with the next port that is free."""
    host, first = address
    for port in range(first, min(first + _TRIES, 65536)):
        if (host, port) not in taken and problem_with("PORT", (host, port)) is None:
            return host, port
    return host, free_ports(1)[0][1]


def free_ports(count: int) -> list[Address]:
    """Free loopback addresses, all different."""
    with ExitStack() as held:
        sockets = [held.enter_context(_bound(("127.0.0.1", 0))) for _ in range(count)]
        return [("127.0.0.1", s.getsockname()[1]) for s in sockets]


def _bound(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        # As the children do: the remains of old connections do not count as busy.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1)
    except OSError:
        listener.close()
        raise
    return listener

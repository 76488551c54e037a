"""A Grok that answers exactly the bytes a test wants, under the stand-in's certificate."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from standin.tls import load_or_create, server_contexts

type Script = Callable[[ssl.SSLSocket, bytes], None]
"""Gets the connection and the request's head; the connection is closed when it returns."""


@dataclass
class HostileUpstream:
    address: tuple[str, int]
    ca_file: Path
    script: Script = lambda _sock, _head: None
    heads: list[bytes] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        host, port = self.address
        return {"GROK_CONNECT_TO": f"*:443={host}:{port}", "GROK_CA_FILE": str(self.ca_file)}

    def says(self, *pieces: bytes) -> None:
        """From now on every request is answered with these bytes."""

        def script(sock: ssl.SSLSocket, _head: bytes) -> None:
            for piece in pieces:
                sock.sendall(piece)

        self.script = script
        self.heads.clear()


@contextlib.contextmanager
def hostile_upstream(folder: Path) -> Iterator[HostileUpstream]:
    folder.mkdir(parents=True, exist_ok=True)
    context = server_contexts(load_or_create(folder), folder)["good"]
    listener = socket.create_server(("127.0.0.1", 0))
    upstream = HostileUpstream(listener.getsockname(), folder / "ca.pem")

    def serve(raw: socket.socket) -> None:
        with contextlib.suppress(OSError), context.wrap_socket(raw, server_side=True) as sock:
            head = b""
            while b"\r\n\r\n" not in head:
                data = sock.recv(65536)
                if not data:
                    return
                head += data
            upstream.heads.append(head)
            upstream.script(sock, head)
            with contextlib.suppress(OSError):
                sock.unwrap()

    def accept() -> None:
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return
            raw.settimeout(10)
            threading.Thread(target=serve, args=(raw,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield upstream
    finally:
        listener.close()

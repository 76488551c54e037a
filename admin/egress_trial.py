"""Tries one egress by itself: dials Grok's main host through it, with no account and no failover.

Apart from the proxy on purpose: there a resting egress would be passed over, which is the very one
an operator wants to test. Waits in plain sockets; the sidecar's are gevent's.
"""

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import certifi
from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError, ProxyType
from python_socks.sync.v2 import Proxy

from core.connect_to import resolve
from core.egress import EgressSpec
from core.egress_trial import EgressTrial, EgressVerdict, judge_answer
from core.settings import Settings

MAIN_HOST = "grok.com"
PATIENCE = 12.0
_KINDS = {
    "http": ProxyType.HTTP,
    "https": ProxyType.HTTP,
    "socks4": ProxyType.SOCKS4,
    "socks5": ProxyType.SOCKS5,
    "socks5h": ProxyType.SOCKS5,
}
_QUESTION = (
    f"GET / HTTP/1.1\r\nHost: {MAIN_HOST}\r\nUser-Agent: Mozilla/5.0\r\nAccept: text/html\r\n"
    "Connection: close\r\n\r\n"
).encode()
_MOST = 8192

type TryEgress = Callable[[EgressSpec], EgressTrial]


@dataclass(frozen=True, slots=True)
class EgressTrials:
    """`settings` say where GROK_CONNECT_TO leads and which CA to trust beside the public ones."""

    settings: Settings

    def __call__(self, spec: EgressSpec) -> EgressTrial:
        """Never raises: what goes wrong is the result."""
        began = time.monotonic()
        verdict = _judged(lambda: self._first_words(spec))
        return EgressTrial(verdict=verdict, milliseconds=round((time.monotonic() - began) * 1000))

    def _first_words(self, spec: EgressSpec) -> bytes:
        tls = _tls(self.settings.grok_ca_file)
        host, port = resolve(self.settings.grok_connect_to, MAIN_HOST, 443)
        proxy = Proxy(
            proxy_type=_KINDS[spec.scheme],
            host=spec.host,
            port=spec.port,
            username=spec.username,
            password=spec.password,
            rdns=spec.scheme not in ("socks4", "socks5"),
            proxy_ssl=tls if spec.scheme == "https" else None,
        )
        stream = proxy.connect(host, port, timeout=PATIENCE)
        try:
            stream.socket.settimeout(PATIENCE)
            stream = stream.start_tls(MAIN_HOST, tls)
            stream.write(_QUESTION)
            return bytes(stream.read(_MOST))
        finally:
            stream.close()


def _judged(first_words: Callable[[], bytes]) -> EgressVerdict:
    try:
        return judge_answer(first_words())
    except ssl.SSLCertVerificationError:
        return EgressVerdict.NOT_TRUSTED
    except (ProxyTimeoutError, TimeoutError):
        return EgressVerdict.TIMED_OUT
    except (ProxyConnectionError, ConnectionRefusedError, socket.gaierror):
        return EgressVerdict.UNREACHABLE
    except ProxyError:
        return EgressVerdict.REFUSED
    except (OSError, ValueError):
        return EgressVerdict.FAILED


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certifi.where())
    if ca_file:
        context.load_verify_locations(ca_file)
    # Python 3.13 began to insist on extensions that CAs made with a plain `openssl req` lack.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.set_alpn_protocols(["http/1.1"])
    return context

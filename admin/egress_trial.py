"""Tries one egress by itself: dials Grok's main host through it, with no account and no failover.

Apart from the proxy on purpose: there a resting egress would be passed over, which is the very one
an operator wants to test.
"""

import errno
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError

from admin.reach import Heard, ask
from core.egress import EgressSpec
from core.egress_trial import (
    TRACE,
    EgressTrial,
    EgressVerdict,
    judge_answer,
    read_head,
    read_trace,
)
from core.settings import Settings

MAIN_HOST = "grok.com"
PATIENCE = 12.0
_NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH)

type TryEgress = Callable[[EgressSpec], EgressTrial]


@dataclass(frozen=True, slots=True)
class EgressTrials:
    """`settings` say where GROK_CONNECT_TO leads and which CA to trust beside the public ones."""

    settings: Settings

    def __call__(self, spec: EgressSpec | None) -> EgressTrial:
        """None tries the direct way. Never raises: what goes wrong is the result."""
        began = time.monotonic()
        heard = try_to_hear(lambda: ask(self.settings, spec, MAIN_HOST, patience=PATIENCE))
        if isinstance(heard, EgressVerdict):
            waited = round((time.monotonic() - began) * 1000)
            return EgressTrial(verdict=heard, milliseconds=waited)
        return _trial(heard)

    def with_exit(self, spec: EgressSpec | None) -> EgressTrial:
        """The same, and where it comes out into the world, which is a second question."""
        trial = self(spec)
        if not trial.carries:
            return trial
        heard = try_to_hear(lambda: ask(self.settings, spec, MAIN_HOST, TRACE, PATIENCE))
        if isinstance(heard, EgressVerdict):
            return trial
        address, country = read_trace(heard.words)
        return replace(trial, exit_address=address, country=country)


def try_to_hear(dial: Callable[[], Heard]) -> Heard | EgressVerdict:
    """What was heard, or in one word why nothing was."""
    try:
        return dial()
    except ssl.SSLCertVerificationError:
        return EgressVerdict.NOT_TRUSTED
    except (ProxyTimeoutError, TimeoutError):
        return EgressVerdict.TIMED_OUT
    except (ProxyConnectionError, ConnectionRefusedError, socket.gaierror):
        return EgressVerdict.UNREACHABLE
    except ProxyError:
        return EgressVerdict.REFUSED
    except (OSError, ValueError) as problem:
        is_far = isinstance(problem, OSError) and problem.errno in _NO_WAY
        return EgressVerdict.UNREACHABLE if is_far else EgressVerdict.FAILED


def _trial(heard: Heard) -> EgressTrial:
    head = read_head(heard.words)
    return EgressTrial(
        verdict=judge_answer(heard.words),
        milliseconds=heard.milliseconds,
        status=head.status if head else 0,
        date=head.headers.get("date", "") if head else "",
    )

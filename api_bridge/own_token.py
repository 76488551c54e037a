"""A caller whose key is an SSO token of his own: when Grok does not take it, his key is wrong.

For everybody else a signed-out account is our trouble, and 503.
"""

from collections.abc import Iterable, Iterator

from api_bridge.errors import GrokFailedError, NotAllowedError
from api_bridge.events import FailureKind
from api_bridge.ports import Caller

_WORDS = {
    FailureKind.SIGNED_OUT: "Grok does not accept this SSO token: it is wrong, or signed out.",
    FailureKind.BLOCKED: "Grok has blocked the account of this SSO token.",
}


def about_own_token[Piece](answer: Iterable[Piece], caller: Caller) -> Iterator[Piece]:
    """The same answer; NotAllowedError where it fails because of the caller's own token."""
    return _translated(answer) if caller.kind == "sso" else iter(answer)


def _translated[Piece](answer: Iterable[Piece]) -> Iterator[Piece]:
    try:
        yield from answer
    except GrokFailedError as error:
        message = _WORDS.get(error.failed.kind)
        if message:
            raise NotAllowedError(message) from error
        raise

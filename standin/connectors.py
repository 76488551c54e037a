"""Connectors: the operator's own Drive and mail, as far as an account shows them.

What a leak would look like: file names and addresses that no user of a mirror should ever read.
"""

from typing import Any

from aiohttp import web

from standin.account_rest import grpc_answer
from standin.accounts import Account
from standin.refusals import json_answer, refuse
from standin.world import ACCOUNT, account_of

_FILES = ("Salaries 2026.xlsx", "Contract (signed).pdf")


def private_words(account: Account) -> tuple[str, ...]:
    """Words that stand in every connector answer of this account, and nowhere else."""
    return (f"private.{account.name}@mail.example", *(f"{account.name} {n}" for n in _FILES))


async def list_connectors(request: web.Request) -> web.Response:
    """Two connected ones."""
    return json_answer({"connectors": _connectors(account_of(request))})


async def list_oauth(request: web.Request) -> web.Response:
    """The same by a Next.js route, which the sign-in gate does not cover."""
    account = request.get(ACCOUNT)
    if account is None or account.refusal:
        return refuse("signed_out")
    return json_answer({"connectors": _connectors(account)})


async def manager(request: web.Request) -> web.Response:
    """gRPC-web: the connected files and addresses as protobuf strings, whatever the method."""
    account = request.get(ACCOUNT)
    if account is None or account.refusal:
        return grpc_answer(b"", 16)
    method = request.match_info["method"]
    texts = (method, "google-drive", *private_words(account))
    return grpc_answer(b"".join(_string(n, text) for n, text in enumerate(texts, 1)), 0)


def _connectors(account: Account) -> list[dict[str, Any]]:
    email, *files = private_words(account)
    return [
        {
            "connectorId": f"{kind}-{account.user_id[:8]}",
            "name": name,
            "status": "CONNECTED",
            "accountEmail": email,
            "recentItems": files,
        }
        for kind, name in (("drive", "Google Drive"), ("gmail", "Gmail"))
    ]


def _string(number: int, text: str) -> bytes:
    """A protobuf field of wire type 2; our texts are shorter than 128 bytes."""
    raw = text.encode()
    return bytes((number << 3 | 2, len(raw))) + raw


ROUTES = (
    web.post("/rest/connectors/list-v2", list_connectors),
    web.get("/api/oauth-connectors", list_oauth),
    web.post("/prod.grok.connectors.manager.ConnectorManager/{method}", manager),
)

"""Links that set up a client with a key in one click, and the lines to type for everybody else.

A key is known only in the moment it is made, so all of this is shown then and kept nowhere.
"""

import base64
import json
from dataclasses import dataclass, field
from urllib.parse import quote

MODEL = "grok-latest"
_NAME = "Grok Mirror"


@dataclass(frozen=True, slots=True)
class ClientLink:
    """A client, and the address that opens it with everything filled in."""

    client: str
    url: str = field(repr=False)
    is_page: bool = False
    """Somebody's web page, which gets to know the key; the others are programs of one's own."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """Some lines to copy."""

    title: str
    text: str = field(repr=False)


def client_links(key: str, base_url: str) -> tuple[ClientLink, ...]:
    """`base_url` ends in `/v1`, which most clients add themselves."""
    address = base_url.removesuffix("/v1")
    near, at = quote(key, safe=""), quote(address, safe="")
    one = {"id": "grok-mirror", "baseUrl": address, "apiKey": key}
    cherry = {**one, "name": _NAME, "type": "openai"}
    aion = {"name": _NAME, "platform": "openai", "baseUrl": base_url, "apiKey": key}
    next_chat = json.dumps({"key": key, "url": address})
    lobe = json.dumps({"keyVaults": {"openai": {"apiKey": key, "baseURL": base_url}}})
    switch = f"app=codex&name={quote(_NAME)}&endpoint={quote(base_url, safe='')}&apiKey={near}"
    return (
        ClientLink("Cherry Studio", f"cherrystudio://providers/api-keys?v=1&data={_b64(cherry)}"),
        ClientLink("Chatbox", f"chatbox://provider/import?config={_b64(_chatbox(key, address))}"),
        ClientLink("DeepChat", f"deepchat://provider/install?v=1&data={_b64(_deepchat(one))}"),
        ClientLink("AionUI", f"aionui://provider/add?v=1&data={_b64(aion)}"),
        ClientLink("CC Switch", f"ccswitch://v1/import?resource=provider&{switch}&model={MODEL}"),
        ClientLink("OpenCat", f"opencat://team/join?domain={at}&token={near}"),
        ClientLink("AMA", f"ama://set-api-key?server={at}&key={near}"),
        ClientLink(
            "NextChat", f"https://app.nextchat.dev/#/?settings={quote(next_chat)}", is_page=True
        ),
        ClientLink(
            "LobeChat", f"https://chat-preview.lobehub.com/?settings={quote(lobe)}", is_page=True
        ),
    )


def snippets(key: str, base_url: str) -> tuple[Snippet, ...]:
    """For a shell, for Python, and for a server's settings."""
    curl = (
        f"curl -N {base_url}/chat/completions \\\n"
        f'  -H "Authorization: Bearer {key}" -H "Content-Type: application/json" \\\n'
        f"""  -d '{{"model":"{MODEL}","stream":true,"""
        """"messages":[{"role":"user","content":"你好"}]}'"""
    )
    python = (
        "from openai import OpenAI\n\n"
        f'client = OpenAI(base_url="{base_url}", api_key="{key}")\n'
        'messages = [{"role": "user", "content": "你好"}]\n'
        f'answer = client.chat.completions.create(model="{MODEL}", messages=messages)\n'
        "print(answer.choices[0].message.content)"
    )
    address = base_url.removesuffix("/v1")
    claude = f"export ANTHROPIC_BASE_URL={address} ANTHROPIC_AUTH_TOKEN={key}\nclaude"
    return (
        Snippet("curl", curl),
        Snippet("Python", python),
        Snippet("Open WebUI", f"OPENAI_API_BASE_URL={base_url}\nOPENAI_API_KEY={key}"),
        Snippet("Claude Code", claude),
        Snippet("Codex", _codex(key, base_url)),
    )


def _codex(key: str, base_url: str) -> str:
    options = "model_provider=mirror", f"model={MODEL}"
    provider = f'name="Grok Mirror",base_url="{base_url}",env_key="MIRROR_KEY",wire_api="responses"'
    chosen = " ".join(f"-c {option}" for option in options)
    return f"MIRROR_KEY={key} codex {chosen} \\\n  -c 'model_providers.mirror={{{provider}}}'"


def _chatbox(key: str, address: str) -> dict[str, object]:
    return {
        "id": "grok-mirror",
        "name": _NAME,
        "type": "openai",
        "settings": {
            "apiHost": address,
            "apiPath": "/v1/chat/completions",
            "apiKey": key,
            "models": [{"modelId": MODEL, "type": "chat", "capabilities": ["vision", "tool_use"]}],
        },
    }


def _deepchat(one: dict[str, str]) -> dict[str, str]:
    return {**one, "name": _NAME, "type": "openai"}


def _b64(value: object) -> str:
    """Without signs that programs read differently: spaces take the place of the `=` at its end,
    and `+` and `/` stand for nothing that our keys and addresses are made of."""
    text = json.dumps(value, separators=(",", ":")).encode()
    return quote(base64.b64encode(text + b" " * (-len(text) % 3)), safe="")

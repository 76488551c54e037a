import struct

from standin.connectors import private_words

MANAGER = "https://grok.com/prod.grok.connectors.manager.ConnectorManager/ListConnectors"


async def test_connected_data_is_in_every_answer(page, account):
    words = private_words(account)
    message = await (await page.post(MANAGER, data=bytes(5))).read()
    for url in ("https://grok.com/rest/connectors/list-v2", MANAGER):
        text = (await (await page.post(url, json={})).read()).decode(errors="replace")
        assert all(word in text for word in words)
    oauth = await (await page.get("https://grok.com/api/oauth-connectors")).json()
    assert oauth["connectors"][0]["accountEmail"] == words[0]
    size = struct.unpack(">I", message[1:5])[0]
    assert message[5 + size :].endswith(b"grpc-status:0\r\n")


async def test_signed_out(visitor):
    assert (await (await visitor.post(MANAGER)).read()).endswith(b"grpc-status:16\r\n")
    assert (await visitor.get("https://grok.com/api/oauth-connectors")).status == 401


async def test_voice_tokens_say_whose_they_are(page, account):
    answer = await (await page.post("https://grok.com/rest/livekit/tokens", json={})).json()
    assert account.user_id in answer["roomName"]

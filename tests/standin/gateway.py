"""A minimal chat client of the stand-in's socket, for its own tests."""

from contextlib import asynccontextmanager

from standin.mgw_reading import objects_in


class Gateway:
    def __init__(self, socket):
        self.socket = socket
        self.messages = []
        self._ready = []

    async def send(self, event, session_id=""):
        frame = {"event": {"event_id": "evt_1", **event}}
        if session_id:
            frame["session_id"] = session_id
        await self.socket.send_json(frame)

    async def next(self):
        while not self._ready:
            text = await self.socket.receive_str(timeout=5)
            self.messages.append(text)
            self._ready += objects_in(text)
        return self._ready.pop(0)

    async def until(self, kind):
        """Frames up to and including the first of this kind."""
        frames = [await self.next()]
        while frames[-1]["event"]["type"] != kind:
            frames.append(await self.next())
        return frames

    async def open(self, mode="fast", session_id="", **extras):
        if session_id:
            extras |= {"conversation_id": session_id, "load_existing": True}
        session = {"model": mode, "x_grok": {"use_chunk": True, **extras}}
        await self.send({"type": "session.create", "session": session}, session_id)
        return (await self.until("conversation.queue.updated"))[-1]["session_id"]

    async def say(self, session_id, text, **event):
        item = {"type": "message", "x_grok": {"input_chunks": [{"text": {"text": text}}]}}
        await self.send({"type": "conversation.item.create", "item": item, **event}, session_id)
        await self.send({"type": "response.create"}, session_id)

    async def ask(self, session_id, text, **event):
        await self.say(session_id, text, **event)
        return await self.until("response.done")


@asynccontextmanager
async def gateway(page, account):
    url = f"wss://grok.com/ws/mgw/?uid={account.user_id}"
    async with page.ws_connect(url, max_msg_size=2**24) as socket:
        yield Gateway(socket)


def kinds(frames):
    return [frame["event"]["type"] for frame in frames]


def texts(frames, channel="CHANNEL_ASSISTANT_RESPONSE"):
    chunks = [frame["event"].get("chunk", {}).get("text") for frame in frames]
    return [chunk["text"] for chunk in chunks if chunk and chunk["channel"] == channel]


def chunks(frames, kind):
    found = [frame["event"].get("chunk", {}).get(kind) for frame in frames]
    return [chunk for chunk in found if chunk]

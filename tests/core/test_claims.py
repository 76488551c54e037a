"""What becomes the caller's is found at any cut, before it goes on, and only where Grok puts it."""

import json

import pytest

from core.claims import AnswerTooLongError, ClaimStage, claim_tree

TREE = claim_tree(
    {
        "conversation": ["result.conversation.conversationId"],
        "response": ["result.response?.responseId", "responses[].responseId"],
        "file": ["result.response?.image.url", "result.response.card.jsonData{}.chunk.imageUrl"],
    }
)
LINES = [
    {"result": {"conversation": {"conversationId": "c-1"}}},
    {"result": {"response": {"responseId": "r-1", "token": "é"}}},
    {"result": {"responseId": "r-2", "image": {"url": "users/u/generated/g-1-part-0/i.jpg"}}},
    {"result": {"response": {"card": {"jsonData": '{"chunk":{"imageUrl":"users/u/f-1/x"}}'}}}},
    {"result": {"response": {"token": '\\"responseId\\":\\"r-9\\"'}}},
    {"result": {"response": {"tool": {"args": {"responseId": "r-8", "url": "users/u/f-9/x"}}}}},
]
WANTED = {
    ("conversation", "c-1"),
    ("response", "r-1"),
    ("response", "r-2"),
    ("file", "g-1"),
    ("file", "f-1"),
}


class Recorder:
    def __init__(self):
        self.claimed, self.sent = set(), b""

    def claim(self, ids):
        self.claimed |= ids

    def run(self, pieces):
        stage = ClaimStage(TREE, self.claim)
        for piece in pieces:
            self.send(stage.feed(piece))
        self.send(stage.flush())

    def send(self, data):
        self.sent += data
        for _, name in WANTED:
            if f'"{name}"'.encode() in self.sent:
                assert any(name == claimed for _, claimed in self.claimed), "told before claimed"


def text(separator="\n"):
    return separator.join(json.dumps(line, ensure_ascii=False) for line in LINES).encode()


@pytest.mark.parametrize("separator", ["\n", "\n\n", "", "\ndata: "])
def test_every_cut_finds_the_same_and_changes_nothing(separator):
    whole = text(separator)
    for cut in range(len(whole) + 1):
        recorder = Recorder()
        recorder.run([whole[:cut], whole[cut:]])
        assert recorder.claimed == WANTED
        assert recorder.sent == whole


def test_single_bytes():
    recorder = Recorder()
    recorder.run([bytes([byte]) for byte in text()])
    assert (recorder.claimed, recorder.sent) == (WANTED, text())


def test_a_line_goes_on_as_soon_as_it_is_whole():
    stage = ClaimStage(TREE, lambda ids: None)
    assert stage.feed(b'{"a":1}\n{"b"') == b'{"a":1}\n'
    assert stage.feed(b":2}\n") == b'{"b":2}\n'
    assert stage.feed(b'{"c":') == b""


def test_a_document_over_several_lines_is_held_until_it_is_whole():
    recorder = Recorder()
    whole = json.dumps({"responses": [{"responseId": "r-1"}]}, indent=2).encode()
    recorder.run([whole[:20], whole[20:]])
    assert recorder.claimed == {("response", "r-1")}
    assert recorder.sent == whole


@pytest.mark.parametrize("body", [b"<html>\n</html>", b"\xff\xfe\n", b'{"a":', b"data: [DONE]\n\n"])
def test_what_is_no_json_passes_and_claims_nothing(body):
    recorder = Recorder()
    recorder.run([body])
    assert (recorder.claimed, recorder.sent) == (set(), body)


def test_what_the_claim_raises_ends_the_answer():
    def claim(ids):
        raise OSError

    stage = ClaimStage(TREE, claim)
    with pytest.raises(OSError):  # noqa: PT011
        stage.feed(b'{"result":{"responseId":"r-1"}}\n')


def test_no_more_is_held_than_can_be_afforded():
    stage = ClaimStage(TREE, lambda ids: None)
    assert stage.feed(b"x" * 16 * 2**20) == b""
    with pytest.raises(AnswerTooLongError):
        stage.feed(b"x")


@pytest.mark.parametrize("path", ["a..b", "a b", "", "a[0]"])
def test_what_is_no_path_is_named(path):
    with pytest.raises(ValueError, match="no path"):
        claim_tree({"file": [path]})


def test_an_unknown_kind_is_named():
    with pytest.raises(ValueError, match="no such kind"):
        claim_tree({"colour": ["a"]})

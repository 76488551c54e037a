import pytest

from standin.scenarios import choose, tokens


@pytest.mark.parametrize(
    ("message", "chosen"),
    [
        pytest.param("/think why", ("think", "why"), id="a word at the start"),
        pytest.param("  /late-think", ("late-think", ""), id="with a hyphen and blanks before"),
        pytest.param("/thinking why", ("reply", "/thinking why"), id="not a whole word"),
        pytest.param("so /think", ("reply", "so /think"), id="not at the start"),
        pytest.param("User: x scenario:cut now", ("cut", "User: x  now"), id="named anywhere"),
        pytest.param(
            "scenario:cut scenario:limit", ("limit", "scenario:cut"), id="the last counts"
        ),
        pytest.param("/429", ("429", ""), id="a refusal"),
        pytest.param("/etc/passwd", ("reply", "/etc/passwd"), id="a path is no keyword"),
        pytest.param("scenario:nonsense", ("reply", "scenario:nonsense"), id="unknown names"),
    ],
)
def test_the_prompt_chooses(message, chosen):
    assert choose(message, "") == chosen


def test_a_switch_chooses_for_prompts_that_do_not():
    assert choose("hello", "stall") == ("stall", "hello")
    assert choose("/plain", "stall") == ("plain", "")


@pytest.mark.parametrize("text", ["a  b\n\nc", "word", " lead", "trail ", "你好,世界", ""])
def test_tokens_lose_nothing(text):
    assert "".join(step.text for step in tokens(text)) == text

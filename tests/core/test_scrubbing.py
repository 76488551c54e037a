"""No form of a secret gets through, at any cut."""

import base64
import html
import json
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.scrubbing import MARK, LengthKeepingScrubber, Scrubber
from tests.core.streams import cut, cuts, run, same_at_every_cut

TOKEN = b"eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzZXNzaW9uX2lkIjoiMTEifQ.s3cr3t_s1gnature-x"
ODD = "p&ss/w\"rd+<'é>"
FORMS = {
    "as it is": ODD,
    "URL-encoded": quote(ODD, safe=""),
    "URL-encoded but for slashes": quote(ODD),
    "URL-encoded in small letters": quote(ODD, safe="").lower(),
    "in JSON": json.dumps(ODD)[1:-1],
    "in JSON as UTF-8": json.dumps(ODD, ensure_ascii=False)[1:-1],
    "in JSON with escaped slashes": json.dumps(ODD)[1:-1].replace("/", "\\/"),
    "in JSON within JSON": json.dumps(json.dumps(ODD)[1:-1])[1:-1],
    "in HTML": html.escape(ODD),
    "in HTML with a decimal apostrophe": html.escape(ODD).replace("&#x27;", "&#39;"),
    "in HTML text": html.escape(ODD, quote=False),
    "in JSON safe for HTML": 'p\\u0026ss/w\\"rd+\\u003c\\u0027é\\u003e',
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_at_every_cut(form):
    data = f"<{form}>{form}".encode()
    make = lambda: Scrubber([ODD.encode()])  # noqa: E731
    assert same_at_every_cut(make, data) == b"<" + MARK + b">" + MARK


@pytest.mark.parametrize("before", [b"", b"a", b"ab", b"abc"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_of_a_text_that_holds_it(before, encode):
    secret = b"\xfb\xff secret \xfe value"
    clean = run(Scrubber([secret]), [encode(before + secret + b" and more")])
    assert MARK in clean
    assert len(clean) < 28


def test_a_token_in_an_answer():
    page = b'{"cookie":"sso=' + TOKEN + b"; sso-rw=" + TOKEN + b'"}'
    assert same_at_every_cut(lambda: Scrubber([TOKEN, TOKEN]), page) == (
        b'{"cookie":"sso=***; sso-rw=***"}'
    )


def test_overlapping_secrets_leave_nothing_of_either():
    scrubber = lambda: Scrubber([b"abcdefgh", b"efghijkl"])  # noqa: E731
    assert same_at_every_cut(scrubber, b"-abcdefghijkl-abcdefghi") == b"-***-***i"
    assert same_at_every_cut(lambda: Scrubber([b"abababab"]), b"ababababababX") == b"***X"


def test_one_secret_within_another():
    scrubber = lambda: Scrubber([b"abcdefgh", b"--abcdefgh--"])  # noqa: E731
    assert same_at_every_cut(scrubber, b"--abcdefgh-- -abcdefgh-") == b"*** -***-"


def test_neighbours_are_two():
    assert same_at_every_cut(lambda: Scrubber([b"abcdefgh"]), b"abcdefgh" * 2) == b"******"


def test_short_values_and_no_values_are_not_looked_for():
    assert run(Scrubber([b"short", b""]), [b"a short text"]) == b"a short text"
    data = b"the same object"
    assert Scrubber([]).feed(data) is data


def test_only_a_real_beginning_waits():
    scrubber = Scrubber([TOKEN])
    assert scrubber.feed(b"sso=eyJ0eXAi") == b"sso="
    assert scrubber.feed(b"!") == b"eyJ0eXAi!"
    assert scrubber.feed(b"see ey") == b"see "
    assert scrubber.feed(b"es") == b"eyes"
    assert scrubber.flush() == b""


def test_half_a_secret_is_let_go_at_the_end():
    scrubber = Scrubber([TOKEN])
    assert scrubber.feed(TOKEN[:-1]) == b""
    assert scrubber.flush() == TOKEN[:-1]
    assert scrubber.flush() == b""


_ALPHABET = st.sampled_from("ab")


@given(
    st.lists(st.text(_ALPHABET, min_size=8, max_size=12), min_size=1, max_size=3),
    st.text(_ALPHABET, max_size=60),
    cuts(),
)
def test_any_cut_gives_the_same_and_no_secret(secrets, text, places):
    make = lambda: Scrubber([secret.encode() for secret in secrets])  # noqa: E731
    clean = run(make(), cut(text.encode(), *places))
    assert clean == run(make(), [text.encode()])
    assert not any(secret.encode() in clean for secret in secrets)


@given(st.binary(min_size=8, max_size=40), st.binary(max_size=60), st.binary(max_size=60), cuts())
def test_any_bytes_as_secret(secret, before, after, places):
    assume(b"*" not in secret)
    clean = run(Scrubber([secret]), cut(before + secret + after, *places))
    assert secret not in clean
    assert MARK in clean


@pytest.mark.parametrize("at", range(45))
def test_a_length_keeping_scrubber_keeps_the_length_at_every_cut(at):
    text = b"before secretAAAAsecretAAAA-and-abcdefghijk after"
    secrets = [b"secretAAAA", b"AAAA-and-abc", b"abcdefghijk"]
    scrubber = LengthKeepingScrubber(secrets)
    scrubbed = scrubber.feed(text[:at]) + scrubber.feed(text[at:]) + scrubber.flush()
    assert len(scrubbed) == len(text)
    assert scrubbed.startswith(b"before *")
    assert scrubbed.endswith(b"* after")
    assert not any(secret in scrubbed for secret in secrets)

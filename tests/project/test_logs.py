"""What a log line is about, in both formats, and what it never holds."""

import json
import logging
import sys
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import settings as plan
from hypothesis import strategies as st

from hedra_studio.logs import About, DiscreetFormatter, JsonFormatter, Seldom, about, discreet

LINE = "{levelname} {name}: {subject}{message}"
KEYS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=16, max_size=40)
"""As the settings take them: any plain character, quotes and backslashes among them."""
SIGNATURES = st.text("abcdefghijklmnopqrstuvwxyz0123456789%-_.~+=", min_size=12, max_size=40)


def formatters(*secrets: str) -> tuple[DiscreetFormatter, JsonFormatter]:
    return DiscreetFormatter(LINE, style="{", secrets=secrets), JsonFormatter(secrets=secrets)


def record(text: str, *args: object, error: BaseException | None = None) -> logging.LogRecord:
    trace = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("studio", logging.WARNING, "", 0, text, args, trace)
    About().filter(made)
    return made


def raised(text: str) -> BaseException:
    try:
        raise ValueError(text)
    except ValueError as error:
        return error


def test_a_line_names_the_take_whoever_writes_it() -> None:
    with about(take=7, service="hedra"):
        line, machine = (formatter.format(record("sent %s", "once")) for formatter in formatters())
    assert line == "WARNING studio: take 7: sent once"
    said = json.loads(machine)
    assert said.pop("time").endswith("+00:00")
    assert said == {
        "level": "WARNING",
        "logger": "studio",
        "message": "sent once",
        "take": 7,
        "service": "hedra",
    }


def test_a_line_about_nothing_says_just_what_it_says() -> None:
    with about(take=7):
        pass
    assert formatters()[0].format(record("swept")) == "WARNING studio: swept"


def test_a_line_of_json_is_one_line() -> None:
    text = formatters()[1].format(record("two\nlines", error=raised("of\ntrouble")))
    assert "\n" not in text
    assert "Traceback" in json.loads(text)["error"]


def test_ordinary_lines_stay_as_they_are() -> None:
    line = "take 7: queued → processing (37 %), https://api.hedra.com/web-app/public/models"
    assert discreet(line) == line


def test_the_query_of_a_link_is_left_out() -> None:
    line = "GET https://cdn.example/clip.mp4?X-Amz-Signature=abc&X-Amz-Date=1 took 3 s"
    assert discreet(line) == "GET https://cdn.example/clip.mp4?[…] took 3 s"


def test_keys_are_left_out_wherever_they_stand() -> None:
    text = "{'X-API-Key': 'secret1'} Authorization: Bearer secret2, sk_hedra_secret3 and plain-key"
    text += " [('x-api-key', 'secret4')] {b'X-API-Key': b'secret5'} hx_live_secret6"
    cleaned = discreet(text, secrets=["plain-key"])
    assert "secret" not in cleaned
    assert "plain-key" not in cleaned


def test_a_word_is_no_secret() -> None:
    """A database password may be the studio's own name."""
    assert formatters("studio")[0].format(record("swept")) == "WARNING studio: swept"


def test_the_password_of_an_address_is_left_out() -> None:
    line = (
        "no answer from postgres://studio:hunter2@db:5432/takes, redis://:hunter2@queue/0 or http://h:80/a@b"
    )
    cleaned = (
        "no answer from postgres://studio:[key]@db:5432/takes, redis://:[key]@queue/0 or http://h:80/a@b"
    )
    assert discreet(line) == cleaned


def test_a_traceback_is_cleaned_too() -> None:
    formatter = DiscreetFormatter("{message}", style="{", secrets=["k3y-of-ours"])
    try:
        raise ValueError("k3y-of-ours at https://cdn.example/a?sig=1")
    except ValueError:
        failed = logging.LogRecord("x", logging.ERROR, "", 0, "failed", None, sys.exc_info())
    text = formatter.format(failed)
    assert "Traceback" in text
    assert "k3y-of-ours" not in text
    assert "sig=1" not in text


PLACES: dict[str, Callable[[str], logging.LogRecord]] = {
    "the message": lambda secret: record("before " + secret.replace("%", "%%") + " after", ()),
    "an argument": lambda secret: record("%s!", secret),
    "a repr": lambda secret: record("%r", {"key": [secret]}),
    "an argument too many": lambda secret: record("none", secret),
    "a wrong argument": lambda secret: record("%d", secret),
    "an exception": lambda secret: record("failed", error=raised(f"it was {secret}")),
    "an exception's repr": lambda secret: record("failed", error=raised(repr((secret, 1)))),
}


def everything(made: logging.LogRecord, *secrets: str) -> str:
    """What both formats print, and what a machine reads of the second."""
    line, machine = (formatter.format(made) for formatter in formatters(*secrets))
    return "\n".join([line, machine, *map(str, json.loads(machine).values())])


@pytest.mark.parametrize("place", PLACES)
@plan(max_examples=30)
@given(key=KEYS)
def test_a_key_never_comes_out(place: str, key: str) -> None:
    shown = everything(PLACES[place](key), key)
    assert key not in shown
    assert repr(key)[1:-1] not in shown


@plan(max_examples=30)
@given(key=KEYS)
def test_a_key_in_an_address_or_in_what_a_line_is_about_never_comes_out(key: str) -> None:
    with about(service=key):
        shown = everything(record("GET https://x.example/%s", quote(key, safe="")), key)
    assert key not in shown
    assert quote(key, safe="") not in shown


LINKS: list[Callable[[str], str]] = [
    lambda signature: f"https://cdn.example/clip.mp4?X-Amz-Signature={signature}",
    lambda signature: f"HTTPS://cdn.example/clip?a=1&sig={signature}#t=3",
    lambda signature: f"Max retries exceeded with url: /clip.mp4?sig={signature} (Caused by …)",
    lambda signature: f"/shared/12:{signature}/input.png",
    lambda signature: f"https://studio.example.com/hooks/hoox/7-ab:{signature}/",
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("link", LINKS)
@plan(max_examples=30)
@given(signature=SIGNATURES)
def test_a_signed_link_never_comes_out(place: str, link: Callable[[str], str], signature: str) -> None:
    assert signature not in everything(PLACES[place](link(signature)))


def test_what_does_not_fit_is_no_error_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    """`logging` itself would print the arguments as they are."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatters("k3y-of-ours")[0])
    handler.handle(record("%d", "k3y-of-ours"))
    assert capsys.readouterr().err == "WARNING studio: '%d' with ('[key]',)\n"


def trouble(kind: type[Exception], message: str = "queue failed") -> logging.LogRecord:
    try:
        raise kind("no answer")
    except kind:
        return logging.LogRecord("worker", logging.ERROR, "", 0, message, None, sys.exc_info())


def test_the_same_trouble_is_told_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now, seldom = 1000.0, Seldom()
    monkeypatch.setattr("hedra_studio.logs.monotonic", lambda: now)
    assert seldom.filter(trouble(OSError))
    now += 1
    assert not seldom.filter(trouble(OSError))
    assert seldom.filter(trouble(ValueError))
    assert seldom.filter(trouble(OSError, "another thing failed"))
    now += 60
    assert seldom.filter(trouble(OSError))


def test_lines_without_trouble_are_all_told() -> None:
    line = logging.LogRecord("worker", logging.INFO, "", 0, "the same", None, None)
    seldom = Seldom()
    assert all(seldom.filter(line) for _ in range(3))

import logging
import sys

import pytest

from hedra_studio.logs import DiscreetFormatter, Seldom, discreet


def test_ordinary_lines_stay_as_they_are() -> None:
    line = "take 7: queued → processing (37 %), https://api.hedra.com/web-app/public/models"
    assert discreet(line) == line


def test_the_query_of_a_link_is_left_out() -> None:
    line = "GET https://cdn.example/clip.mp4?X-Amz-Signature=abc&X-Amz-Date=1 took 3 s"
    assert discreet(line) == "GET https://cdn.example/clip.mp4?[…] took 3 s"


def test_keys_are_left_out_wherever_they_stand() -> None:
    text = "{'X-API-Key': 'secret1'} Authorization: Bearer secret2, sk_hedra_secret3 and plain-key"
    cleaned = discreet(text, secrets=["plain-key"])
    assert "secret" not in cleaned
    assert "plain-key" not in cleaned


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
        record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", None, sys.exc_info())
    text = formatter.format(record)
    assert "Traceback" in text
    assert "k3y-of-ours" not in text
    assert "sig=1" not in text


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

"""`manage.py add_person`: somebody else comes in, and sees only what is theirs."""

import io
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-enough-one"


def add(monkeypatch: pytest.MonkeyPatch, name: str, password: str = PASSWORD) -> str:
    said = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    call_command("add_person", name, stdout=said)
    return said.getvalue()


def test_the_person_signs_in_and_is_no_administrator(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.SOLO = False
    assert add(monkeypatch, "ben") == "ben can sign in.\n"
    browser = Client()
    browser.post("/login/", {"username": "ben", "password": PASSWORD})
    assert browser.get("/gallery/").status_code == 200
    person = User.objects.get()
    assert (person.is_staff, person.is_superuser) == (False, False)


def test_where_nobody_has_to_sign_in_it_says_so(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.SOLO = True
    assert "set ALLOWED_HOSTS" in add(monkeypatch, "ben")


def test_at_a_terminal_the_password_is_asked_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([PASSWORD, PASSWORD, PASSWORD, "another"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _: next(answers))
    call_command("add_person", "ben", stdout=io.StringIO())
    with pytest.raises(CommandError, match="differ"):
        call_command("add_person", "ada")
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.parametrize(
    ("name", "password", "says"),
    [
        ("owner", PASSWORD, "already exists"),
        ("two words", PASSWORD, "valid username"),
        ("ben", "short", "too short"),
        ("ben", "", "too short"),
        ("ben", "1234567\r", "too short"),
        ("benjamin-britten", "benjamin-britten", "too similar"),
    ],
)
def test_what_can_not_be_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, owner: User, name: str, password: str, says: str
) -> None:
    with pytest.raises(CommandError, match=says):
        add(monkeypatch, name, password)
    assert User.objects.get() == owner

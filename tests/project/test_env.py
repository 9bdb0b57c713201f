"""Reading the environment: good values are understood, bad ones are refused in one line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hedra_studio.env import Environment, writable_folder
from hedra_studio.refused import Refused

READERS: dict[str, Callable[[Environment], Any]] = {
    "DEBUG": lambda env: env.flag("DEBUG"),
    "STUDIO_PORT": lambda env: env.port("STUDIO_PORT", 8000),
    "SANDBOX_SPEED": lambda env: env.factor("SANDBOX_SPEED", 1.0, 0.01, 10_000),
    "HEDRA_BASE_URL": lambda env: env.service_url("HEDRA_BASE_URL", "https://api.example.com/v1"),
    "CSRF_TRUSTED_ORIGINS": lambda env: env.origins("CSRF_TRUSTED_ORIGINS"),
    "PUBLIC_URL": lambda env: env.public_url("PUBLIC_URL"),
    "LOG_FORMAT": lambda env: env.choice("LOG_FORMAT", ["line", "json"]),
}


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("DEBUG", "", False),
        ("DEBUG", "On", True),
        ("DEBUG", "0", False),
        ("STUDIO_PORT", "  ", 8000),
        ("STUDIO_PORT", "65535", 65535),
        ("SANDBOX_SPEED", "0.5", 0.5),
        ("HEDRA_BASE_URL", "https://h.example/x/", "https://h.example/x"),
        ("HEDRA_BASE_URL", "http://127.0.0.1:9/x", "http://127.0.0.1:9/x"),
        (
            "CSRF_TRUSTED_ORIGINS",
            "https://a.example, http://b:8",
            ["https://a.example", "http://b:8"],
        ),
        ("LOG_FORMAT", "", "line"),
        ("LOG_FORMAT", "JSON", "json"),
        ("PUBLIC_URL", "", ""),
        ("PUBLIC_URL", "https://studio.example.com/", "https://studio.example.com"),
        ("PUBLIC_URL", "https://studio.example.com:8443", "https://studio.example.com:8443"),
    ],
)
def test_a_good_value_is_understood(name: str, value: str, meant: object) -> None:
    assert READERS[name](Environment({name: value})) == meant


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "maybe"),
        ("LOG_FORMAT", "xml"),
        ("STUDIO_PORT", "abc"),
        ("STUDIO_PORT", "0"),
        ("STUDIO_PORT", "65536"),
        ("STUDIO_PORT", "-1"),
        ("STUDIO_PORT", "80.5"),
        ("STUDIO_PORT", "８０"),  # digits to Python, not to a socket
        ("SANDBOX_SPEED", "fast"),
        ("SANDBOX_SPEED", "0"),
        ("SANDBOX_SPEED", "nan"),
        ("SANDBOX_SPEED", "inf"),
        ("HEDRA_BASE_URL", "api.hedra.com"),
        ("HEDRA_BASE_URL", "ftp://api.hedra.com"),
        ("HEDRA_BASE_URL", "https://"),
        ("HEDRA_BASE_URL", "https://h:port"),
        ("HEDRA_BASE_URL", "http://api.hedra.com"),  # the key would travel for all to read
        ("CSRF_TRUSTED_ORIGINS", "studio.example.com"),
        ("CSRF_TRUSTED_ORIGINS", "https://studio.example.com/path"),
        ("PUBLIC_URL", "http://studio.example.com"),
        ("PUBLIC_URL", "studio.example.com"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://localhost"),
        ("PUBLIC_URL", "https://127.0.0.1:8000"),
        ("PUBLIC_URL", "https://studio.example.com/path"),
        ("PUBLIC_URL", "https://me:word@studio.example.com"),
        ("PUBLIC_URL", "https://studio.example.com?a=b"),
        ("PUBLIC_URL", "https://studio.example.com:port"),
    ],
)
def test_a_bad_value_is_refused_by_name_in_one_line(name: str, value: str) -> None:
    with pytest.raises(Refused) as refusal:
        READERS[name](Environment({name: value}))
    words = str(refusal.value)
    assert words.startswith(name)
    assert value in words
    assert "\n" not in words


@pytest.mark.parametrize("value", ["two words", "line\nbreak", "kéy", "tab\tkey"])
def test_a_damaged_key_is_refused_and_not_repeated(value: str) -> None:
    with pytest.raises(Refused, match="HEDRA_API_KEY") as refusal:
        Environment({"HEDRA_API_KEY": value}).api_key("HEDRA_API_KEY")
    assert value not in str(refusal.value)


def test_a_short_secret_is_refused_and_not_repeated() -> None:
    with pytest.raises(Refused, match="SECRET_KEY") as refusal:
        Environment({"SECRET_KEY": "hunter2"}).secret("SECRET_KEY")
    assert "hunter2" not in str(refusal.value)


def test_the_process_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("STUDIO_PORT=8001\nSANDBOX_PORT=8002\n")
    monkeypatch.setenv("STUDIO_PORT", "9001")
    monkeypatch.delenv("SANDBOX_PORT", raising=False)
    env = Environment.load(tmp_path / ".env")
    assert (env.port("STUDIO_PORT", 1), env.port("SANDBOX_PORT", 1)) == (9001, 8002)


def test_a_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = writable_folder("STUDIO_DATA_DIR", tmp_path / "new" / "data")
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(Refused, match=r"^STUDIO_DATA_DIR: can't write to .*file/data"):
        writable_folder("STUDIO_DATA_DIR", tmp_path / "file" / "data")

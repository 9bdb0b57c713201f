"""Readers of the environment: every setting is read once, and a bad value stops the start with one line."""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from hedra_studio.network import is_loopback
from hedra_studio.refused import Refused


class Environment:
    """Named values of a `.env` file and the process; the process wins, an empty value counts as absent."""

    def __init__(self, values: Mapping[str, str | None]) -> None:
        self._values = {name: value.strip() for name, value in values.items() if value and value.strip()}

    @classmethod
    def load(cls, dotenv: Path) -> "Environment":
        return cls({**dotenv_values(dotenv), **os.environ})

    def text(self, name: str, default: str = "") -> str:
        return self._values.get(name, default)

    def secret(self, name: str) -> str:
        """Never repeated in a refusal."""
        value = self.text(name)
        if value and len(value) < 32:
            raise Refused(f"{name} must have at least 32 characters, or it could be guessed")
        return value

    def api_key(self, name: str) -> str:
        """Never repeated in a refusal. It travels in a header, which holds plain characters only."""
        value = self.text(name)
        if not all("!" <= character <= "~" for character in value):
            raise Refused(f"{name} holds a character that no key has; copy the key once more")
        return value

    def words(self, name: str) -> list[str]:
        """A list written with commas."""
        return [word.strip() for word in self.text(name).split(",") if word.strip()]

    def flag(self, name: str) -> bool:
        value = self.text(name, "off").lower()
        if value in {"1", "true", "yes", "on"}:
            return True
        if value in {"0", "false", "no", "off"}:
            return False
        raise Refused(f"{name} must be on or off, not '{value}'")

    def choice(self, name: str, known: list[str]) -> str:
        """One of these words; the first where nothing is said."""
        value = self.text(name, known[0]).lower()
        if value not in known:
            raise Refused(f"{name} must be {' or '.join(known)}, not '{value}'")
        return value

    def port(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535):
            raise Refused(f"{name} must be a whole number from 1 to 65535, not '{value}'")
        return int(value)

    def factor(self, name: str, default: float, low: float, high: float) -> float:
        value = self.text(name, str(default))
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not low <= number <= high:
            raise Refused(f"{name} must be a number from {low:g} to {high:g}, not '{value}'")
        return number

    def service_url(self, name: str, default: str) -> str:
        """The key goes there, so it must be https; only this machine's own loopback may go without."""
        value = self.text(name, default).rstrip("/")
        try:
            parts = urlsplit(value)
            host, complete = parts.hostname or "", parts.port != 0
        except ValueError:
            host, complete = "", False
        if not (host and complete and parts.scheme in {"http", "https"}):
            raise Refused(f"{name} must be an address such as https://example.com/path, not '{value}'")
        if parts.scheme == "http" and not is_loopback(host):
            raise Refused(f"{name} must begin with https://, or the key could be read on its way: '{value}'")
        return value

    def endpoint(self, name: str) -> str:
        """Of a server of one's own network, perhaps: http will do. "" without one."""
        value = self.text(name).rstrip("/")
        try:
            parts = urlsplit(value)
            bare = value == f"{parts.scheme}://{parts.netloc}" and "@" not in value and parts.port != 0
        except ValueError:
            bare = False
        if value and not (bare and parts.hostname and parts.scheme in {"http", "https"}):
            raise Refused(f"{name} must be an address such as https://s3.example.com, without user or path")
        return value

    def bucket(self, name: str) -> str:
        value = self.text(name)
        if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", value):
            raise Refused(f"{name} must be 3 to 63 small letters, digits, dots or hyphens, not '{value}'")
        return value

    def public_url(self, name: str) -> str:
        """Where the internet finds the studio, or "". What it serves there travels over https only."""
        value = self.text(name).rstrip("/").lower()
        try:
            parts = urlsplit(value)
            host = parts.hostname or ""
            bare = value == f"https://{host}" + (f":{parts.port}" if parts.port else "")
        except ValueError:
            host, bare = "", False
        if value and not (bare and host and not is_loopback(host)):
            raise Refused(f"{name} must be an address such as https://studio.example.com, not '{value}'")
        return value

    def origins(self, name: str) -> list[str]:
        """Scheme and host of each page that forms may come from."""
        for origin in self.words(name):
            parts = urlsplit(origin)
            if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or parts.query:
                raise Refused(f"{name} must list origins such as https://studio.example.com, not '{origin}'")
        return self.words(name)


def writable_folder(name: str, path: Path) -> Path:
    """The folder, made if need be; refused unless a file can be created in it."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path).close()
    except OSError as error:
        raise Refused(f"{name}: can't write to {path} ({error.strerror})") from None
    return path

"""The machine and how the studio is set up on it."""

from __future__ import annotations

import ipaddress
import platform
import shutil
import socket
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from catalog.services import HOOX, connected
from hedra_studio.management.commands.studio import MANAGE, nobody_can_sign_in

from .finding import Finding, bad, ok, warn

GB = 1024**3
LOW, LOWEST = 5 * GB, GB // 2


def python() -> Iterator[Finding]:
    """Whether the packages are those that the studio was tried with."""
    wanted = dict(pins(settings.BASE_DIR / "requirements.txt"))
    found = {name: installed(name) for name in wanted}
    missing = [name for name in wanted if found[name] is None]
    others = [f"{name} {found[name]}, not {wanted[name]}" for name in wanted if found[name] != wanted[name]]
    do = "`make run` installs what requirements.txt says."
    if missing:
        yield bad("python", f"these packages are missing: {', '.join(missing)}", do)
    elif others:
        yield warn("python", f"other packages than it was tried with: {'; '.join(others)}", do)
    else:
        yield ok("python", f"Python {platform.python_version()}, {len(wanted)} packages as pinned")


def pins(requirements: Path) -> Iterator[tuple[str, str]]:
    for line in requirements.read_text().splitlines():
        name, pinned, wanted = line.partition("==")
        if pinned and not line.startswith("#"):
            yield name.partition("[")[0].strip(), wanted.strip()


def installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def disk() -> Iterator[Finding]:
    """Room for clips, on each disk that they or the database lie on."""
    folders = [Path(settings.DATA_DIR), Path(settings.MEDIA_ROOT)]
    for folder in {path.stat().st_dev: path for path in reversed(folders) if path.exists()}.values():
        free = shutil.disk_usage(folder).free
        says = f"{free / GB:.1f} GB free at {folder}"
        do = "Make room, or empty the trash. Finished takes stay at the service until they fit."
        if free < LOWEST:
            yield bad("disk", says, do)
        elif free < LOW:
            yield warn("disk", says, do)
        else:
            yield ok("disk", says)


def settings_() -> Iterator[Finding]:
    """Who may come in. Values that can't be right have stopped the start already."""
    if settings.DEBUG:
        yield warn("settings", "DEBUG is on: errors show the inside of the studio", "Take DEBUG out of .env.")
    if settings.SOLO:
        yield ok("settings", "for this machine only: one owner, no password")
        return
    yield ok("settings", f"for those who sign in, at {', '.join(settings.ALLOWED_HOSTS)}")
    if nobody_can_sign_in():
        yield bad("settings", "nobody can sign in yet", f"Make a user with `{MANAGE} createsuperuser`.")
    if not settings.HTTPS:
        says = "passwords travel without https"
        yield warn("settings", says, "Put a server that adds https in front; set CSRF_TRUSTED_ORIGINS.")


def public_url() -> Iterator[Finding]:
    """Whether Hoox, which fetches inputs from the internet, can find this studio."""
    hoox = connected().get(HOOX)
    if not settings.PUBLIC_URL:
        if hoox and not hoox.sandbox:
            says = "PUBLIC_URL is not set, so models of Hoox that need an input can't be used"
            yield warn("public url", says, "Set it to the https address of this studio on the internet.")
        else:
            yield ok("public url", "not set, and no service needs it")
        return
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    addresses = resolved(host)
    do = "Mend the name's DNS entry, or PUBLIC_URL. Hoox can't fetch inputs from there."
    if not addresses:
        yield bad("public url", f"{host} has no address", do)
    elif not any(ipaddress.ip_address(address).is_global for address in addresses):
        yield warn("public url", f"{host} leads to {', '.join(addresses)}, inside a local network", do)
    else:
        yield ok("public url", f"{host} leads to {', '.join(addresses)}")


def resolved(host: str) -> list[str]:
    """The addresses behind a name; none when there is no such name."""
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return sorted({str(address[0]).partition("%")[0] for *_, address in found})

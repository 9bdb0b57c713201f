"""Who may reach the studio: names and addresses of this machine only, or named hosts."""

import ipaddress

from hedra_studio.refused import Refused

LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"]


def is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def allowed_hosts(bound_to: str, named: list[str]) -> list[str]:
    """Values of the Host header that are answered, so that no other site's name can lead a browser here."""
    own = bracketed(bound_to)
    if is_loopback(bound_to):
        return sorted({*LOOPBACK_NAMES, own, *named})
    if named:
        return named
    if bound_to in {"0.0.0.0", "::"}:  # noqa: S104 (recognised, not bound)
        raise Refused(f"STUDIO_HOST={bound_to} needs ALLOWED_HOSTS: the names people will type, with commas")
    return [own]


def is_answered(host: str, allowed: list[str]) -> bool:
    """Whether requests for this host are answered; ".example.com" in the list stands for all names in it."""
    names = [name.lower() for name in allowed]
    return any(name in ("*", host) or (name[:1] == "." and f".{host}".endswith(name)) for name in names)


def reachable_at(bound_to: str) -> str:
    """An address of this machine that leads to what listens on `bound_to`."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(bound_to, bracketed(bound_to))  # noqa: S104


def bracketed(host: str) -> str:
    """The host as it stands in a URL."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host

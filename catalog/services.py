"""The services that can be connected: where each is, with which key, and whether the sandbox stands in."""

import hashlib
from dataclasses import dataclass, field

from django.conf import settings

HEDRA, HOOX = "hedra", "hoox"
LABELS = {HEDRA: "Hedra", HOOX: "Hoox"}
PRICED_BY_CALL = {HOOX}
"""Whose prices only a call can tell, one for each choice of parameters."""


@dataclass(frozen=True)
class Service:
    """A service with the key in use."""

    name: str
    url: str
    key: str = field(repr=False)
    sandbox: bool

    @property
    def label(self) -> str:
        return label(self.name, sandbox=self.sandbox)

    @property
    def fingerprint(self) -> str:
        """Of its key; the sandbox stays the same account when only its port has changed."""
        return fingerprint("sandbox" if self.sandbox else self.url, self.key)


def connected() -> dict[str, Service]:
    """By name, Hedra first. Hoox is there with a key of its own, or while the sandbox stands in for both."""
    found = [Service(HEDRA, settings.HEDRA_URL, settings.HEDRA_KEY, settings.SANDBOX)]
    if settings.HOOX_KEY:
        found.append(Service(HOOX, settings.HOOX_URL, settings.HOOX_KEY, settings.HOOX_SANDBOX))
    return {service.name: service for service in found}


def label(name: str, *, sandbox: bool) -> str:
    """As people read it: "Hedra", "Hoox sandbox"."""
    return f"{LABELS[name]} sandbox" if sandbox else LABELS[name]


def fingerprint(base_url: str, api_key: str) -> str:
    """Tells keys apart without keeping them."""
    return hashlib.sha256(f"{base_url}{api_key}".encode()).hexdigest()[:16]

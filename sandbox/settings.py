"""What can be changed while the sandbox runs; kept over restarts."""

from __future__ import annotations

from typing import Any

from sandbox.state import Store

GIB = 1024**3


class Settings:
    """``paging``: "ignored" (flat limit/offset have no effect, as seen) or "flat".

    ``order`` of the list of generations: "newest" first, or "unstable": another one each time.

    ``hoox_rate_limit``: requests a minute.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.paging = "ignored"
        self.order = "newest"
        self.link_ttl_s = 3600.0
        self.max_upload_bytes = 2 * GIB
        self.hoox_rate_limit = 100
        for name, value in store.meta("settings", {}).items():
            setattr(self, name, value)

    def change(self, values: dict[str, Any]) -> None:
        """Raises ValueError and changes nothing for an unknown name or a bad value."""
        for name, value in values.items():
            _check(name, value)
        for name, value in values.items():
            setattr(self, name, value)
        self._store.set_meta("settings", self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        return {
            "paging": self.paging,
            "order": self.order,
            "link_ttl_s": self.link_ttl_s,
            "max_upload_bytes": self.max_upload_bytes,
            "hoox_rate_limit": self.hoox_rate_limit,
        }


def _check(name: str, value: Any) -> None:
    if name == "paging":
        good = value in ("ignored", "flat")
    elif name == "order":
        good = value in ("newest", "unstable")
    elif name == "hoox_rate_limit":
        good = type(value) is int and value > 0
    elif name in ("link_ttl_s", "max_upload_bytes"):
        good = isinstance(value, (int, float)) and not isinstance(value, bool)
    else:
        raise ValueError(f"unknown setting {name!r}")
    if not good:
        raise ValueError(f"bad value for {name}: {value!r}")

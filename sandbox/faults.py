"""Faults on demand, queued through the control endpoint and taken by the requests they match."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any

SUBMIT = {"method": "POST", "path": "/generations"}
SUBMIT_AT = {"hoox": {"method": "POST", "path": "/asset/start"}}
MEDIA = {"method": "GET", "path": "/media/"}
# Where a kind applies when the request that queues it does not say.
DEFAULT_MATCH: dict[str, dict[str, str]] = {
    "latency": {},
    "answer": {},
    "answer_after": {},
    "cut": {},
    "cut_after": {},
    "refuse": SUBMIT,
    "refuse_item": SUBMIT,
    "empty_wallet": SUBMIT,
    "fail": SUBMIT,
    "stuck": SUBMIT,
    "repeat_answer": SUBMIT,
    "truncate": MEDIA,
    "expired": MEDIA,
}


@dataclass
class Fault:
    """One queued fault. ``times`` 0 means until cleared; ``skip`` lets that many matches pass first."""

    kind: str
    match: dict[str, str] = field(default_factory=dict)
    service: str = ""
    """"" means either."""
    times: int = 1
    skip: int = 0
    latency_ms: int = 0
    status: int = 500
    retry_after: float | None = None
    body: Any = None
    code: str = "MODERATION_FAILED"
    message: str = ""
    index: int = -1

    def matches(self, method: str, path: str, service: str) -> bool:
        wanted = self.match.get("path", "")
        if self.match.get("method", method) != method or self.service not in ("", service):
            return False
        return fnmatchcase(path, wanted) if "*" in wanted else path.startswith(wanted)


class Faults:
    """In memory only: a restart is free of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: list[Fault] = []

    def add(self, data: dict[str, Any]) -> Fault:
        """Raises ValueError for an unknown kind or field."""
        kind = data.get("kind")
        if kind not in DEFAULT_MATCH:
            raise ValueError(f"unknown kind {kind!r}; one of {', '.join(DEFAULT_MATCH)}")
        if data.get("service", "") not in ("", "hedra", "hoox"):
            raise ValueError(f"unknown service {data['service']!r}")
        try:
            fault = Fault(**{**data, "match": data.get("match") or _default_match(kind, data)})
        except TypeError as error:
            raise ValueError(str(error)) from error
        with self._lock:
            self._queue.append(fault)
        return fault

    def take(self, method: str, path: str, service: str) -> list[Fault]:
        """The faults this request meets: of each kind the first that matches. They are used up.

        ``path`` begins below the service's base path; files belong to no service.
        """
        with self._lock:
            first: dict[str, Fault] = {}
            for fault in self._queue:
                if fault.matches(method, path, service):
                    first.setdefault(fault.kind, fault)
            return [fault for fault in first.values() if self._use(fault)]

    def _use(self, fault: Fault) -> bool:
        if fault.skip > 0:
            fault.skip -= 1
            return False
        if fault.times == 1:
            self._queue.remove(fault)
        elif fault.times > 1:
            fault.times -= 1
        return True

    def clear(self) -> None:
        with self._lock:
            self._queue.clear()

    def waiting(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._queue]


def _default_match(kind: str, data: dict[str, Any]) -> dict[str, str]:
    usual = DEFAULT_MATCH[kind]
    return dict(SUBMIT_AT.get(data.get("service", ""), usual) if usual is SUBMIT else usual)

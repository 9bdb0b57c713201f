"""Whether anything was lost, paid twice or left unexplained; the sandbox's ledger and the files judge."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any
from uuid import UUID

import av
from django.db.models import Sum
from PIL import Image

from generations import failures
from generations.models import Entry, FailedTry, Generation, Status

from .person import Person
from .site import Sandbox

UNSAID = "UNKNOWN"
"""The service gives no reason, and the card says just that."""
LATE_S = 0.3
"""So far before the end that the file tells, its last frame may be."""


class Verdict:
    """What is wrong, in words; nothing, after a good run."""

    def __init__(self, sandbox: Sandbox, person: Person) -> None:
        self._sandbox, self._person = sandbox, person
        self.takes = list(Generation.objects.select_related("account").order_by("pk"))
        self.ours = [take for take in self.takes if str(take.shot) in person.shots]
        booked = Entry.objects.spent().order_by().values_list("take").annotate(Sum("credits"))
        self.booked: dict[int, Decimal] = dict(booked)
        self.theirs: Counter[UUID] = Counter()
        for entry in sandbox.entries():
            sign = -1 if entry["kind"] == "refund" else 1
            self.theirs[UUID(entry["generation_id"])] += sign * abs(Decimal(entry["credits"]))

    def problems(self) -> list[str]:
        checks = (
            self._presses(),
            self._ends(),
            self._ledgers(),
            self._orders(),
            self._files(),
            self._pages(),
        )
        return [problem for check in checks for problem in check]

    def outcomes(self) -> Counter[str]:
        return Counter(f"{take.status} {take.error_code}".strip() for take in self.ours)

    def charged(self) -> tuple[Decimal, ...]:
        """Credits by our cards, by our ledger, and by the service's."""
        cards = (take.total_charged or Decimal(0) for take in self.takes)
        return tuple(sum(each, Decimal(0)) for each in (cards, self.booked.values(), self.theirs.values()))

    def _presses(self) -> Iterator[str]:
        """Every press is there, whole, and once."""
        made = Counter(str(take.shot) for take in self.ours)
        for shot, count in self._person.shots.items():
            if made[shot] != count:
                yield f"shot {shot}: {made[shot]} takes, {count} were ordered"

    def _ends(self) -> Iterator[str]:
        for take in self.ours:
            if take.status not in (Status.COMPLETE, Status.ERROR):
                yield f"{take} is still under way: {take.note!r}, {take.attempts} tries"
            if take.charged is None:
                yield f"{take}: nobody knows what it cost ({take.error_code} {take.error_message})"
            if take.is_error and not (failures.is_known(take.error_code) or take.error_code == UNSAID):
                yield f"{take}: failed without a reason, {take.error_code!r}"

    def _ledgers(self) -> Iterator[str]:
        """To the credit, card by card: all that was ever ordered for it."""
        tries: dict[int, list[UUID]] = {}
        for pk, remote_id in FailedTry.objects.values_list("generation", "remote_id"):
            tries.setdefault(pk, []).append(remote_id)
        known: set[UUID] = set()
        for take in self.takes:
            ids = [take.remote_id, *tries.get(take.pk, [])]
            known |= set(ids)
            there = sum((self.theirs[order] for order in ids), Decimal(0))
            if take.total_charged is not None and take.total_charged != there:
                yield f"{take}: {take.total_charged} credits here, {there} there ({ids})"
            if take.total_charged is not None and self.booked.get(take.pk, Decimal(0)) != take.total_charged:
                yield f"{take}: {self.booked.get(take.pk)} credits in the ledger, {take.total_charged} on it"
            if sum(self.theirs[order] > 0 for order in ids) > 1:
                yield f"{take}: paid for more than once ({ids})"
        for order in set(self.theirs) - known:
            yield f"order {order} was paid and is on no card"

    def _orders(self) -> Iterator[str]:
        """No order was accepted twice, and none left under an id that no card has."""
        known = {str(take.remote_id) for take in self.takes}
        known |= {str(order) for order in FailedTry.objects.values_list("remote_id", flat=True)}
        bodies: dict[str, list[dict[str, Any]]] = {}
        for order in self._sandbox.orders():
            bodies.setdefault(order["body"].get("generation_id"), []).append(order["body"])
        for order_id, sent in bodies.items():
            if order_id not in known:
                yield f"an order left under {order_id}, which no card has"
            if any(asked(body) != asked(sent[0]) for body in sent):
                yield f"order {order_id} was sent again as something else"

    def _files(self) -> Iterator[str]:
        for take in self.ours:
            if take.is_complete and (problem := unplayable(Path(take.result.path), take)):
                yield f"{take}: {problem}"

    def _pages(self) -> Iterator[str]:
        """The gallery, and for each failure its page with the reason and what it cost."""
        for path in ("/gallery/", "/create/", "/catalog/"):
            status, _ = self._person.page(path)
            if status != 200:
                yield f"{path} answers {status}"
        for take in self.ours:
            status, page = self._person.page(take.get_absolute_url()) if take.is_error else (200, "")
            wanted = [take.failure.title, take.charge_words] if take.is_error else []
            if status != 200 or not all(escape(words) in page for words in wanted):
                yield f"{take}: its page ({status}) does not say {wanted}"


def asked(body: dict[str, Any]) -> dict[str, Any]:
    """What an order is for, and under which ids; an input that the service lost may have been sent anew."""
    inputs = {name for name in body if name.endswith(("_id", "_ids"))} - {
        "generation_id",
        "reserved_asset_id",
    }
    return {name: value for name, value in body.items() if name not in inputs}


def unplayable(path: Path, take: Generation) -> str:
    """Why the stored result does not play to its end, or ""."""
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != take.sha256:
            return "the file is not the one that was checked"
    try:
        if take.result_kind == "image":
            Image.open(path).load()
            return ""
        with av.open(str(path)) as box:
            [last] = [frame.time for frame in box.decode(**{take.result_kind: 0})][-1:]
    except Exception as error:
        return f"does not play: {error!r}"
    late = (take.duration_ms or 0) / 1000 - LATE_S
    return "" if last >= late else f"ends after {last} of {take.duration_ms} ms"

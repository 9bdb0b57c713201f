"""Generations: accepted once per id, charged, watched over time, refunded when they fail."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sandbox.assets import Assets, Media
from sandbox.clock import Clock, now_iso
from sandbox.faults import Fault
from sandbox.ledger import Ledger
from sandbox.orders.order import Order
from sandbox.rendering.probe import probe
from sandbox.state import Store
from sandbox.timeline import Moment, moment
from sandbox.wire import HttpError, Json, invalid, problem

FAILS_AT = 0.6
FAILURES = {
    "MODERATION_FAILED": "The content was refused by moderation.",
    "INTERNAL": "The model stopped unexpectedly.",
}
Row = Mapping[str, Any]


@dataclass
class Item:
    """One variation of a request; with an error it was never started."""

    id: str
    asset_id: str | None
    error: str | None = None
    created_at: str = field(default_factory=now_iso)


@dataclass(frozen=True)
class Work:
    """What one generation is to make, and what it costs."""

    input: Json
    spec: Json
    prompt: str
    work_s: float
    units: int
    """As the service's ledger counts them."""
    thread: str | None = None


@dataclass
class Submitted:
    items: list[Item]
    batch_id: str | None = None


class Generations:
    def __init__(self, store: Store, clock: Clock, ledger: Ledger, assets: Assets) -> None:
        self._store = store
        self._clock = clock
        self._ledger = ledger
        self._assets = assets

    def submit(self, account: str, body: Json, order: Order, faults: list[Fault]) -> Submitted:
        """Start all variations or none. Raises HttpError 422, 409 for an id in use, 402 when poor."""
        size: int = body.get("batch_size", 1)
        ids = reserved(body, "generation_id", "generation_ids", size)
        asset_ids = reserved(body, "reserved_asset_id", "reserved_asset_ids", size)
        items = [
            Item(gid or str(uuid.uuid4()), aid or str(uuid.uuid4()))
            for gid, aid in zip(ids, asset_ids, strict=True)
        ]
        kinds = {fault.kind: fault for fault in faults}
        if refused := kinds.get("refuse_item"):
            _refuse(items, asset_ids, refused)
        batch_id = str(uuid.uuid4()) if size > 1 else None
        with self._store.transaction():
            self._refuse_known(ids, asset_ids)
            live = [item for item in items if not item.error]
            self._refuse_poor(account, order.credits * len(live), "empty_wallet" in kinds)
            for item in live:
                self.accept(account, item, _work(body, order), kinds, batch_id)
        return Submitted(items, batch_id)

    def _refuse_known(self, ids: list[str | None], asset_ids: list[str | None]) -> None:
        for generation_id in filter(None, ids):
            if self.find(generation_id):
                raise HttpError(409, f"ALREADY_EXISTS: the generation {generation_id} exists")
        if taken := self._assets.taken([asset_id for asset_id in asset_ids if asset_id]):
            raise HttpError(409, f"ALREADY_EXISTS: the asset {taken} exists")

    def _refuse_poor(self, account: str, needed: int, emptied: bool) -> None:
        left = 0 if emptied else self._ledger.balance(account)
        if needed > left:
            raise HttpError(402, f"MISSING_CREDITS: {needed} credits are needed, {left} are left")

    def accept(
        self, account: str, item: Item, work: Work, faults: dict[str, Fault], batch_id: str | None = None
    ) -> None:
        """Begin one generation and charge for it."""
        failure = faults.get("fail")
        self._store.insert(
            "generations",
            id=item.id,
            asset_id=item.asset_id,
            account=account,
            file=item.id,
            batch_id=batch_id,
            created_at=item.created_at,
            started=self._clock.work_s(),
            work_s=work.work_s,
            input=json.dumps(work.input),
            spec=json.dumps(work.spec),
            prompt=work.prompt,
            agent_thread_id=work.thread,
            credits=work.units,
            stuck="stuck" in faults,
            fails_at=FAILS_AT if failure else None,
            error_type=failure.code if failure else None,
            error_message=(failure.message or FAILURES.get(failure.code, failure.code)) if failure else None,
        )
        self._ledger.charge(account, item.id, work.units, item.created_at)

    def settle(self, account: str) -> None:
        """Give back what failed generations cost, once each."""
        rows = self._store.all(
            "SELECT * FROM generations g WHERE account = ? AND fails_at IS NOT NULL AND NOT EXISTS"
            " (SELECT 1 FROM ledger WHERE generation_id = g.id AND kind = 'refund')",
            account,
        )
        for row in rows:
            if self.moment(row).status == "error":
                self._refund(row)

    def _refund(self, row: Row) -> None:
        with self._store.transaction():
            if not self._store.one(
                "SELECT 1 FROM ledger WHERE generation_id = ? AND kind = 'refund'", row["id"]
            ):
                self._ledger.refund(row["account"], row["id"], row["credits"])

    def fail(self, generation_id: str, code: str, message: str) -> None:
        """End a generation that cannot be rendered."""
        self._store.run(
            "UPDATE generations SET fails_at = 0, error_type = ?, error_message = ? WHERE id = ?",
            code,
            message,
            generation_id,
        )

    def rendered(self, generation_id: str) -> None:
        self._store.run("UPDATE generations SET rendered = 1 WHERE id = ?", generation_id)

    def moment(self, row: Row) -> Moment:
        return moment(row, self._clock.work_s())

    def find(self, generation_id: str) -> Row | None:
        return self._store.one("SELECT * FROM generations WHERE id = ?", generation_id)

    def get(self, account: str, generation_id: str) -> Row:
        """Raises HttpError 404, also for another account's generation."""
        row = self.find(generation_id)
        if row is None or row["account"] != account:
            raise HttpError(404, "Generation not found")
        return row

    def by_asset(self, account: str, asset_id: str) -> Row | None:
        sql = "SELECT * FROM generations WHERE account = ? AND asset_id = ?"
        return self._store.one(sql, account, asset_id)

    def listed(
        self, account: str, limit: int, offset: int, order: str = "newest", **filters: Any
    ) -> list[Row]:
        """Filters: ids, kind, prompt, thread, before, after. Order: see Settings."""
        where, values = ["account = ?"], [account]
        if filters.get("ids") is not None:
            where.append(f"id IN ({', '.join('?' * len(filters['ids']))})")
            values += filters["ids"]
        for name, clause in CLAUSES.items():
            if filters.get(name):
                where.append(clause)
                values.append(filters[name])
        # Clauses are ours, values go in as parameters.
        sql = f"SELECT * FROM generations WHERE {' AND '.join(where)} {ORDERS[order]} LIMIT ? OFFSET ?"  # noqa: S608
        return list(self._store.all(sql, *values, limit, offset))

    def unrendered(self) -> list[Row]:
        """What is still to be rendered, in the order it is due."""
        return list(
            self._store.all(
                "SELECT * FROM generations WHERE rendered = 0 AND past = 0 AND stuck = 0 AND fails_at IS NULL"
                " ORDER BY started + work_s"
            )
        )


ORDERS = {"newest": "ORDER BY created_at DESC, seq DESC", "unstable": "ORDER BY random()"}
CLAUSES = {
    # A video's spec of older days says nothing of what it makes.
    "kind": "COALESCE(json_extract(spec, '$.makes'), 'video') = ?",
    "request": "json_extract(input, '$.type') = ?",
    "prompt": "instr(lower(prompt), lower(?))",
    "thread": "agent_thread_id = ?",
    "before": "created_at < ?",
    "after": "created_at > ?",
}


def reserved(body: Json, single: str, several: str, size: int) -> list[str | None]:
    """The reserved ids of each variation; raises the 422 answer where they do not fit the batch."""
    one, many = body.get(single), body.get(several)
    if one and many:
        raise invalid(
            problem("value_error", ("body", several), f"{single} and {several} exclude each other", many)
        )
    if one and size > 1:
        raise invalid(problem("value_error", ("body", single), f"Use {several} for a batch", one))
    if many is None:
        return [one, *[None] * (size - 1)]
    if len(many) != size:
        msg = f"{several} must have as many entries as batch_size, {size}"
        raise invalid(problem("value_error", ("body", several), msg, many))
    if len(set(many)) != size:
        raise invalid(problem("value_error", ("body", several), "The same id twice", many))
    return list(many)


def _refuse(items: list[Item], asset_ids: list[str | None], fault: Fault) -> None:
    index = fault.index % len(items)
    message = fault.message or FAILURES["MODERATION_FAILED"]
    items[index] = Item("", asset_ids[index], message)


def _work(body: Json, order: Order) -> Work:
    spec = order.spec(random.getrandbits(32))
    run_s = order.model.row["eta_ms"] / 1000
    return Work(body, spec, order.prompt, run_s, order.credits, body.get("agent_thread_id"))


def made(row: Row) -> str:
    """The type of what was ordered: image, video, audio or voice."""
    spec = json.loads(row["spec"])
    return str(spec.get("makes") or ("image" if spec.get("still") else "video"))


def result_media(row: Row, status: str, path: Path) -> Media:
    """A finished result as input of another generation; a file that is there tells its own length."""
    spec, kind = json.loads(row["spec"]), made(row)
    media = Media(
        row["asset_id"],
        kind,
        ready=status == "complete",
        path=path,
        width=spec["width"],
        height=spec["height"],
        duration_ms=spec["duration_ms"],
        captioned=kind in ("image", "video"),
    )
    if media.ready and kind != "voice" and path.exists():
        found = probe(path, kind)
        return replace(media, size=found.size, duration_ms=found.duration_ms)
    return media

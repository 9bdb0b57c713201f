"""Whatever people, workers and the service do, in any order: one paid order per id, a charge that is the
service's own, a file that plays or a failure that explains itself, and nothing that is stuck.

Hypothesis draws the orders. With STATEFUL_EXAMPLES=300 in the environment it goes deeper."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.db.models import F
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from PIL import Image
from pytest_django.fixtures import Settings

from clients import http
from clients.errors import ServiceError
from generations import failures, tasks
from generations.history import import_history
from generations.models import REMOTE, FailedTry, Generation, Status
from generations.placing import try_again
from tests.generations.any_order import PROFILE, Wire, assert_not_stuck, leases_end
from tests.generations.orders import LISTING, LOOK_UP, ORDER, Press
from tests.sandboxed import Studio

pytestmark = pytest.mark.django_db(transaction=True)

UNSAID = "UNKNOWN"
"""The service gives no reason, and the card says just that."""
MODEL = "Flux Dev T2I"
FILE = {"method": "GET", "path": "/media/*"}
FAULTS: list[dict[str, Any]] = [
    {"kind": "cut", "match": ORDER},
    {"kind": "cut_after", "match": ORDER},
    {"kind": "answer", "status": 500, "match": ORDER},
    {"kind": "answer", "status": 429, "retry_after": 1, "match": ORDER},
    {"kind": "answer", "status": 409, "match": ORDER},
    {"kind": "answer", "status": 422, "match": ORDER},
    {"kind": "answer_after", "status": 502, "match": ORDER},
    {"kind": "answer_after", "status": 200, "body": {"surprise": True}, "match": ORDER},
    {"kind": "answer_after", "status": 402, "match": ORDER, "skip": 1},
    {"kind": "repeat_answer"},
    {"kind": "refuse"},
    {"kind": "refuse_item", "index": 0},
    {"kind": "fail", "code": "INTERNAL"},
    {"kind": "empty_wallet"},
    {"kind": "stuck"},
    {"kind": "answer", "status": 500, "times": 3, "match": LISTING},
    {"kind": "answer", "status": 401, "match": LISTING},
    {"kind": "answer", "status": 422, "match": LISTING},
    {"kind": "answer", "status": 200, "body": {"data": [None, 7]}, "match": LISTING},
    {"kind": "answer", "status": 404, "times": 2, "match": LOOK_UP},
    {"kind": "answer", "status": 200, "body": "<html>", "match": LOOK_UP},
    {"kind": "truncate"},
    {"kind": "expired"},
    {"kind": "answer", "status": 200, "body": "no picture", "match": FILE},
]
cards = st.integers(0, 9)
requests_ahead = st.integers(1, 4)


class Takes(RuleBasedStateMachine):
    def __init__(self, studio: Studio, press: Press, owner: User, settings: Settings, wire: Wire) -> None:
        super().__init__()
        self.studio, self.order, self.owner, self.settings, self.wire = studio, press, owner, settings, wire
        self.pks: list[int] = []
        self.played: dict[int, str] = {}
        self.home = True

    # What people do

    @precondition(lambda self: self.home and len(self.pks) < 6)
    @rule(count=st.sampled_from([1, 2]))
    def press(self, count: int) -> None:
        self.pks += [take.pk for take in self.order(MODEL, variations=str(count))]

    @precondition(lambda self: self.home and len(self.pks) < 6)
    @rule()
    def press_twice(self) -> None:
        shot = str(uuid4())
        first, again = (self.order(MODEL, shot=shot) for _ in range(2))
        assert [take.pk for take in first] == [take.pk for take in again]
        self.pks += [take.pk for take in first]

    @precondition(lambda self: self.pks)
    @rule(card=cards)
    def retry(self, card: int) -> None:
        try_again(self.take(card))

    @precondition(lambda self: self.pks)
    @rule(card=cards)
    def retry_from_two_pages(self, card: int) -> None:
        """Both show the same failure; only one of them orders."""
        one, other = self.take(card), self.take(card)
        assert not (one.retry() and other.retry())

    @precondition(lambda self: self.pks)
    @rule(card=cards)
    def delete(self, card: int) -> None:
        take = self.take(card)
        was_running = take.is_running
        assert not (take.delete_softly() and was_running and self.home)

    @precondition(lambda self: self.pks)
    @rule(card=cards)
    def restore(self, card: int) -> None:
        self.take(card).restore()

    @precondition(lambda self: self.pks)
    @rule(card=cards, favorite=st.booleans())
    def favourite(self, card: int, favorite: bool) -> None:
        self.take(card).set_favorite(favorite)

    @rule()
    def change_the_key(self) -> None:
        """To that of another account, or back."""
        self.home = not self.home
        self.settings.HEDRA_KEY = self.studio.key if self.home else f"{self.studio.key}b"

    @precondition(lambda self: self.home)
    @rule()
    def import_the_history(self) -> None:
        with suppress(ServiceError):
            import_history(self.account, self.owner)

    # What the service and the machine do

    @rule(fault=st.sampled_from(FAULTS))
    def go_wrong(self, fault: dict[str, Any]) -> None:
        self.studio.sandbox.fault(**fault)

    @rule()
    def work(self) -> None:
        self.studio.hurry()
        tasks.drain()

    @rule(ahead=requests_ahead, after=st.booleans())
    def be_killed_at_work(self, ahead: int, after: bool) -> None:
        self.wire.kill(ahead, after, self.work)

    @rule(ahead=requests_ahead, after=st.booleans())
    def be_overtaken_at_work(self, ahead: int, after: bool) -> None:
        self.wire.overtake(ahead, after, self.work)

    @rule()
    def leases_end(self) -> None:
        leases_end()

    @precondition(lambda self: self.pks)
    @rule(hours=st.sampled_from([1, 25, 200]))
    def time_passes(self, hours: int) -> None:
        passed = timedelta(hours=hours)
        rows = Generation.objects.filter(pk__in=self.pks).running()
        rows.update(deadline_at=F("deadline_at") - passed, next_attempt_at=F("next_attempt_at") - passed)

    # What always holds

    @invariant()
    def nothing_is_stuck(self) -> None:
        for take in self.takes():
            assert_not_stuck(take, self.settings.LEASE_S)

    @invariant()
    def what_was_paid_is_on_one_card_and_once(self) -> None:
        paid = self.paid()
        for take, ids in self.ids().items():
            assert sum(paid.get(order, 0) > 0 for order in ids) <= 1, take
        accepted = [entry["generation_id"] for entry in self.entries() if entry["kind"] == "charge"]
        assert len(accepted) == len(set(accepted))

    @invariant()
    def a_known_charge_is_the_ledgers(self) -> None:
        paid = self.paid()
        for take in self.takes():
            if take.status in (Status.COMPLETE, Status.ERROR) and take.charged is not None:
                assert take.charged == paid.get(take.remote_id, 0), take
        for failed in FailedTry.objects.filter(generation__in=self.pks).exclude(charged=None):
            assert failed.charged == paid.get(failed.remote_id, 0), failed

    @invariant()
    def what_is_complete_opens(self) -> None:
        for take in self.takes():
            if take.is_complete and self.played.get(take.pk) != take.sha256:
                Image.open(take.result.path).load()
                self.played[take.pk] = take.sha256

    @invariant()
    def what_failed_says_why_and_what_it_cost(self) -> None:
        paid = self.paid()
        for take, ids in self.ids().items():
            if take.is_error:
                assert failures.is_known(take.error_code) or take.error_code == UNSAID, take.error_code
                if take.charge_words == "Nothing was charged.":
                    assert sum(paid.get(order, 0) for order in ids) == 0, take

    # What is left in the end

    def teardown(self) -> None:
        """The service is well again; whoever is left with an open question asks once more."""
        self.studio.sandbox.clear_faults()
        self.home, self.settings.HEDRA_KEY = True, self.studio.key
        Generation.objects.filter(pk__in=self.pks).update(deleted_at=None)
        self.end()
        for _ in range(3):
            import_history(self.account, self.owner)
            for take in self.takes():
                if take.is_error and take.charged is None:
                    assert take.retry(), (take, take.error_code)
            self.end()
        paid = self.paid()
        for take, ids in self.ids().items():
            assert take.total_charged == sum(paid.get(order, 0) for order in ids), take
        assert set(paid) <= {order for ids in self.ids(every=True).values() for order in ids}

    def end(self) -> None:
        """Work until nothing runs; what hangs at the service is given up after its day."""
        leases_end()
        hanging = [row["id"] for row in self.hanging()]
        ours = Generation.objects.filter(pk__in=self.pks).running().in_status(REMOTE)
        self.studio.work_until(
            lambda: not Generation.objects.running().exclude(remote_id__in=hanging).exists()
        )
        ours.update(deadline_at=timezone.now() - timedelta(days=1))
        self.studio.work_until_idle()

    # What is asked above

    @property
    def account(self) -> Any:
        return self.take(0).account if self.pks else Generation.objects.earliest("pk").account

    def take(self, card: int) -> Generation:
        return Generation.objects.get(pk=self.pks[card % len(self.pks)])

    def takes(self) -> list[Generation]:
        return list(Generation.objects.filter(pk__in=self.pks).select_related("account"))

    def ids(self, *, every: bool = False) -> dict[Generation, list[UUID]]:
        """All orders of each card: the present one, and those that failed before."""
        takes = Generation.objects.all() if every else self.takes()
        tries = list(FailedTry.objects.all())
        return {
            take: [take.remote_id, *(old.remote_id for old in tries if old.generation_id == take.pk)]
            for take in takes
        }

    def entries(self) -> list[dict[str, Any]]:
        return list(self.studio.sandbox.ledger(self.studio.key)["entries"])

    def paid(self) -> dict[UUID, Decimal]:
        """Credits that each order has cost in the end, by the service's ledger."""
        sums: dict[UUID, Decimal] = {}
        for entry in self.entries():
            sign, order = -1 if entry["kind"] == "refund" else 1, UUID(entry["generation_id"])
            sums[order] = sums.get(order, Decimal(0)) + sign * abs(Decimal(entry["credits"]))
        return sums

    def hanging(self) -> list[dict[str, Any]]:
        """Of this account alone: all tests share the sandbox, and Hoox names things otherwise."""
        mine = self.studio.sandbox.ledger(self.studio.key)["account"]
        stuck = "SELECT id FROM generations WHERE stuck = 1 AND account = ?"
        return self.studio.sandbox.app.store.all(stuck, mine)


def test_whatever_happens_in_whatever_order(
    studio: Studio, press: Press, owner: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LOOK_UP_FOR_S = 0
    monkeypatch.setattr(http, "FIRST_BACKOFF_S", 0)
    monkeypatch.setattr(http, "BACKOFF_JITTER_S", 0)
    studio.sandbox.settings(key=studio.key, balance=1_000_000)
    [take] = press(MODEL)
    import_history(take.account, owner)  # the account's past is not what this is about
    Generation.objects.filter(imported=True).update(status=Status.COMPLETE, next_attempt_at=None)
    wire = Wire(monkeypatch)
    run_state_machine_as_test(lambda: Takes(studio, press, owner, settings, wire), settings=PROFILE)

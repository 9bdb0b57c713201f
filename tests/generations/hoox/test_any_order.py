"""Orders at Hoox in whatever order things happen: none leaves twice by itself, and whatever ran there is on
one card in the end, at its charge, whatever people believed in between."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
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

from catalog.models import AIModel, CallBudget
from clients.errors import ServiceError
from generations import failures
from generations.models import By, FailedTry, Generation, News, Status
from generations.orders import unclear
from tests.generations.any_order import PROFILE, Wire, assert_not_stuck, leases_end
from tests.generations.hoox.orders import IMAGE, LOOK, START, HooxStudio

pytestmark = pytest.mark.django_db(transaction=True)

FAULTS: list[dict[str, Any]] = [
    {"kind": "cut", "match": START},
    {"kind": "cut_after", "match": START},
    {"kind": "answer", "status": 500, "match": START},
    {"kind": "answer", "status": 429, "retry_after": 0.1, "match": START},
    {"kind": "answer", "status": 400, "match": START},
    {"kind": "answer_after", "status": 502, "match": START},
    {"kind": "answer_after", "status": 200, "body": {"surprise": True}, "match": START},
    {"kind": "fail", "code": "INTERNAL"},
    {"kind": "empty_wallet"},
    {"kind": "answer", "status": 500, "match": LOOK},
    {"kind": "answer", "status": 404, "match": LOOK},
    {"kind": "answer", "status": 200, "body": "<html>", "match": LOOK},
]
cards = st.integers(0, 9)
requests_ahead = st.integers(1, 4)


class HooxTakes(RuleBasedStateMachine):
    def __init__(self, at_hoox: HooxStudio, model: AIModel, settings: Settings, wire: Wire) -> None:
        super().__init__()
        self.at_hoox, self.model, self.settings, self.wire = at_hoox, model, settings, wire
        self.pks: list[int] = []

    @precondition(lambda self: len(self.pks) < 5)
    @rule()
    def press(self) -> None:
        self.pks.append(self.at_hoox.order(self.model.slug).pk)

    @rule(fault=st.sampled_from(FAULTS))
    def go_wrong(self, fault: dict[str, Any]) -> None:
        self.at_hoox.sandbox.fault(**fault, service="hoox")

    @rule()
    def work(self) -> None:
        self.at_hoox.step()

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
    @rule(card=cards)
    def retry(self, card: int) -> None:
        self.take(card).retry()

    @precondition(lambda self: self.pks)
    @rule(card=cards)
    def say_what_is_there(self, card: int) -> None:
        with suppress(ServiceError):
            self.look(self.take(card))

    @precondition(lambda self: self.pks)
    @rule(card=cards)
    def say_that_it_never_ran(self, card: int) -> None:
        """Right or wrong."""
        self.take(card).never_ran()

    @precondition(lambda self: len(self.pks) > 1)
    @rule(card=cards)
    def say_that_it_is_anothers(self, card: int) -> None:
        other = self.take(card + 1).service_id
        if self.take(card).is_unclear and other:
            with pytest.raises(ServiceError):
                unclear.recognise(self.take(card), other, By.PERSON)

    @rule()
    def hear_news(self) -> None:
        """Of every order that ran, once more."""
        CallBudget.objects.all().delete()
        for pk, order, asset in self.ran():
            if news := News.objects.keep(pk, UUID(str(order)), asset):
                with suppress(ServiceError):
                    unclear.hear(news)

    @invariant()
    def nothing_is_stuck(self) -> None:
        for take in self.takes():
            assert_not_stuck(take, self.settings.LEASE_S)

    @invariant()
    def no_order_leaves_again_that_may_have_arrived(self) -> None:
        """A plain refusal is certain; anything else may have been taken in."""
        arrived = [
            request["body"]["file_name"]
            for request in self.at_hoox.sandbox.requests(self.at_hoox.key, "hoox")
            if not 400 <= (request["status"] or 0) < 500
        ]
        assert len(arrived) == len(set(arrived))

    @invariant()
    def a_known_charge_is_the_ledgers(self) -> None:
        paid = self.at_hoox.charges()
        for take in self.takes():
            if (
                take.service_id
                and take.status in (Status.COMPLETE, Status.ERROR)
                and take.charged is not None
            ):
                assert take.charged == paid[take.service_id], take

    @invariant()
    def what_ended_opens_or_says_why(self) -> None:
        for take in self.takes():
            if take.is_complete:
                Image.open(take.result.path).load()
            if take.has_trouble:
                known = failures.is_known(take.error_code) or take.error_code in ("UNKNOWN", failures.UNCLEAR)
                assert known, take.error_code

    def teardown(self) -> None:
        """The service is well, its news arrive, and people look for what nobody can tell."""
        self.at_hoox.sandbox.clear_faults()
        leases_end()
        self.at_hoox.work_until_idle()
        self.hear_news()
        for take in self.takes():
            self.look(take)
        self.at_hoox.work_until_idle()
        for take in self.takes():
            if take.error_code in failures.UNCERTAIN:
                take.retry()
        self.at_hoox.work_until_idle()
        cards = {take.service_id: take for take in Generation.objects.exclude(service_id="")}
        for asset, cost in self.at_hoox.charges().items():
            assert asset in cards or not cost, f"{asset} cost {cost} and is on no card"
            assert asset not in cards or cards[asset].charged == cost, cards[asset]
        assert not any(take.is_unclear for take in self.takes())
        assert all(take.charged_before == Decimal(0) for take in Generation.objects.all())

    def look(self, take: Generation) -> None:
        """What a person does who looks for the order at Hoox."""
        if not take.is_unclear:
            return
        found = [asset for _, order, asset in self.ran() if order == take.remote_id]
        if found:
            CallBudget.objects.all().delete()  # a minute has passed
            unclear.recognise(take, found[0], By.PERSON)
        else:
            assert take.never_ran()

    def take(self, card: int) -> Generation:
        return Generation.objects.get(pk=self.pks[card % len(self.pks)])

    def takes(self) -> list[Generation]:
        return list(Generation.objects.filter(pk__in=self.pks).select_related("account"))

    def ran(self) -> list[tuple[int, UUID, str]]:
        """Card, order and asset of every order that Hoox took in."""
        rows = self.at_hoox.sandbox.app.store.all("SELECT id, created_at FROM generations WHERE past = 0")
        received = self.at_hoox.sandbox.requests(self.at_hoox.key, "hoox")
        named = {}
        for row in rows:  # the order that came last before it
            order = [request for request in received if request["at"] <= row["created_at"]][-1:]
            named |= {request["body"]["file_name"]: row["id"] for request in order}
        orders = [(take.pk, take.remote_id) for take in self.takes()]
        orders += FailedTry.objects.filter(generation__in=self.pks).values_list("generation", "remote_id")
        found = ((pk, order, named.get(f"hedra-studio-{order}")) for pk, order in orders)
        return [(pk, order, asset) for pk, order, asset in found if asset]


def test_whatever_happens_in_whatever_order(
    at_hoox: HooxStudio, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, wire = at_hoox.model(IMAGE), Wire(monkeypatch)
    monkeypatch.setattr(at_hoox, "model", lambda slug: model)
    run_state_machine_as_test(lambda: HooxTakes(at_hoox, model, settings, wire), settings=PROFILE)

"""The ledger: every way in which a take's price and charge become known leaves its line, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from generations import failures
from generations.models import AppendOnly, By, Entry, FailedTry, Generation, Status
from tests.factories import make_model, make_take
from tests.generations.ledger.books import assert_booked, lines

NOW = timezone.now()
EARLIER = NOW - timedelta(hours=3)


@pytest.fixture
def take(owner: User) -> Generation:
    """An order under way, quoted at 35."""
    return make_take(owner, status=Status.PROCESSING, charged=None, sent_at=EARLIER)


def held(take: Generation) -> Generation:
    [claimed] = Generation.objects.claim(take.account, 1)
    assert claimed.pk == take.pk
    return claimed


@pytest.mark.django_db
class TestLines:
    def test_a_quote_is_a_line_of_the_press(self, take: Generation) -> None:
        assert lines(take) == [("quoted", 35)]
        assert take.entries.get().order == take.remote_id

    def test_an_unknown_price_is_no_line(self, owner: User) -> None:
        assert lines(make_take(owner, quoted=None, charged=None)) == []

    def test_a_charge_counts_for_the_day_of_the_order(self, take: Generation) -> None:
        held(take).write(charged=Decimal(35))
        assert lines(take) == [("quoted", 35), ("charged", 35)]
        assert take.entries.latest("pk").at == EARLIER

    def test_the_same_charge_seen_again_is_no_other(self, take: Generation) -> None:
        row = held(take)
        for status in (Status.FINALIZING, Status.DOWNLOADING, Status.COMPLETE):
            row.enter(status, charged=Decimal(35))
        assert lines(take) == [("quoted", 35), ("charged", 35)]

    def test_a_charge_that_changes_is_put_right_by_a_line(self, take: Generation) -> None:
        row = held(take)
        for charged in ("7.50", "8.10", "8.00"):
            row.write(charged=Decimal(charged))
        assert [str(credits) for _, credits in lines(take)[1:]] == ["7.50", "0.60", "-0.10"]
        assert_booked()

    def test_what_is_given_back_is_a_refund_of_now(self, take: Generation) -> None:
        row = held(take)
        row.write(charged=Decimal(35))
        row.fail("INTERNAL", "", charged=Decimal(0))
        assert lines(take) == [("quoted", 35), ("charged", 35), ("refunded", -35)]
        assert take.entries.latest("pk").at >= NOW

    def test_nothing_charged_is_no_line(self, take: Generation) -> None:
        held(take).fail("INTERNAL", "", charged=0)
        assert lines(take) == [("quoted", 35)]

    def test_a_retry_is_quoted_anew_and_the_first_charge_stays(self, owner: User) -> None:
        body = {"type": "video", "generated_video_inputs": {"duration_ms": 5000, "resolution": "720p"}}
        failed = {"status": Status.ERROR, "error_code": "INTERNAL", "sent_at": EARLIER}
        take = make_take(owner, ai_model=make_model(), body=body, **failed)
        first = take.remote_id
        assert take.retry()
        take.refresh_from_db()
        assert [(line.kind, line.order) for line in take.entries.order_by("pk")] == [
            ("quoted", first),
            ("charged", first),
            ("quoted", take.remote_id),
        ]
        held(take).write(charged=Decimal(42))
        assert lines(take)[-1] == ("charged", 42)
        assert_booked()

    def test_a_late_charge_of_a_failed_try_is_booked_for_that_order(self, take: Generation) -> None:
        failed = FailedTry.objects.create(generation=take, account=take.account, remote_id=uuid4())
        for _ in range(2):
            failed.settle(Decimal(12))
        line = take.entries.latest("pk")
        assert (line.kind, line.credits, line.order) == ("charged", 12, failed.remote_id)
        assert lines(take) == [("quoted", 35), ("charged", 12)]
        assert_booked()

    def test_an_order_that_gets_a_card_of_its_own_takes_its_charge_along(self, take: Generation) -> None:
        order = uuid4()
        failed = FailedTry.objects.create(generation=take, account=take.account, remote_id=order)
        failed.settle(Decimal(12))
        failed.refresh_from_db()
        failed.disown()
        other = make_take(take.owner, imported=True, quoted=None, remote_id=order, charged=Decimal(12))
        assert lines(take)[1:] == [("charged", 12), ("charged", -12)]
        assert lines(other) == [("charged", 12)]
        assert_booked()

    def test_an_order_believed_lost_turns_up(self, owner: User) -> None:
        code = {"status": Status.ERROR, "error_code": failures.NOT_RUN}
        take = make_take(owner, charged=Decimal(0), sent_at=EARLIER, **code)
        assert take.turn_up("abc", By.NEWS)
        assert lines(take) == [("quoted", 35)]
        assert_booked()

    def test_takes_that_are_stored_together_are_booked_together(self, owner: User) -> None:
        row = make_take(owner, imported=True, quoted=None, sent_at=EARLIER)
        copies = [Generation(owner=owner, account=row.account, charged=n, sent_at=EARLIER) for n in (1, 2)]
        Generation.objects.bulk_create(copies, ignore_conflicts=True)
        Generation.objects.bulk_create(copies, ignore_conflicts=True)
        assert sorted(Entry.objects.spent().values_list("credits", flat=True)) == [1, 2, 35]
        assert set(Entry.objects.values_list("at", flat=True)) == {EARLIER}

    def test_what_says_nothing_of_money_asks_nothing(
        self, take: Generation, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        row = held(take)
        with django_assert_num_queries(1):
            row.write(progress=0.5)


CHANGES: list[Callable[[Entry], object]] = [
    lambda line: line.save(),
    lambda line: line.delete(),
    lambda line: Entry.objects.filter(pk=line.pk).update(credits=1),
    lambda line: Entry.objects.bulk_update([line], ["credits"]),
    lambda line: Entry.objects.all().delete(),
]


@pytest.mark.django_db
class TestAppendOnly:
    @pytest.mark.parametrize("change", CHANGES)
    def test_a_line_stays_as_it_is(self, take: Generation, change: Callable[[Entry], object]) -> None:
        line = take.entries.get()
        line.credits = Decimal(1)
        with pytest.raises(AppendOnly), transaction.atomic():
            change(line)
        assert lines(take) == [("quoted", 35)]

    def test_neither_take_nor_person_can_be_removed_from_under_it(self, take: Generation) -> None:
        for row in (take, take.owner):
            with pytest.raises(ProtectedError):
                row.delete()

    def test_the_database_itself_takes_no_second_quote(self, take: Generation) -> None:
        quote = Entry(take=take, owner=take.owner, account=take.account, kind="quoted", credits=1, at=NOW)
        quote.order = take.remote_id
        with pytest.raises(IntegrityError), transaction.atomic():
            quote.save()

    def test_a_change_that_is_undone_leaves_no_line(self, take: Generation) -> None:
        row = held(take)
        with transaction.atomic():
            row.write(charged=Decimal(35))
            transaction.set_rollback(True)
        assert lines(take) == [("quoted", 35)]
        assert_booked()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("charges", [[35] * 6, [35, 40, 35, 40, 35, 40]])
def test_workers_who_learn_of_a_charge_at_once_book_it_once(take: Generation, charges: list[int]) -> None:
    together = Barrier(len(charges))

    def learn(charged: int) -> None:
        together.wait(20)
        try:
            Generation.objects.filter(pk=take.pk).update(charged=charged)
        finally:
            connection.close()

    workers = [Thread(target=learn, args=[charged]) for charged in charges]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert_booked()
    if set(charges) == {35}:
        assert lines(take) == [("quoted", 35), ("charged", 35)]

"""The price diary: what it writes down, in which words, and what it leaves out."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.mirror import diary
from catalog.mirror.diary import Trend
from catalog.mirror.sync import SyncReport, sync
from catalog.models import Account, AIModel, Change
from catalog.models.change import Kind
from tests.catalog.factories import details, make_model, rate, row
from tests.clients.server import ScriptedServer, json_answer

Sync = Callable[[Any], SyncReport]


@pytest.fixture
def sync_with(account: Account, service: ScriptedServer) -> Sync:
    """Sync once, the service answering with this body."""

    def run(body: Any) -> SyncReport:
        service.will(json_answer(body))
        return sync(account)

    return run


@pytest.fixture
def told(sync_with: Sync) -> Callable[..., list[Change]]:
    """The entries of a model that was there `before` and is as `after` says now."""

    def run(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
        sent = row(**before)
        sync_with([sent, row("Bystander")])
        sync_with([{**sent, **after}, row("Bystander")])
        return list(Change.objects.filter(model__remote_id=sent["id"]).order_by("pk"))

    return run


Told = Callable[..., list[Change]]


# Prices


def test_a_changed_rate_is_told_with_the_price_of_a_usual_shot(told: Told) -> None:
    change = told({"pricing": rate(7)}, {"pricing": rate(6)})[0]

    assert (change.kind, change.sentence, change.percent_words) == ("price", "7 cr/s → 6 cr/s", "▼ 14 %")
    assert (change.credits_before, change.credits_after, change.direction) == (35, 30, "down")
    assert change.before is not None
    assert change.before["pricing"]["credits_per_second"] == 7


def test_the_usual_shot_has_a_length_and_resolution_the_model_offers(told: Told) -> None:
    offer = {"durations": ["8000", "4000"], "default_resolution": "1080p", "resolutions": ["1080p"]}
    before = {"pricing": rate(10, resolution={"1080p": 2}), **offer}
    change = told(before, {"pricing": rate(20, resolution={"1080p": 2})})[0]

    assert (change.credits_before, change.credits_after) == (160, 320)
    assert change.percent_words == "▲ 100 %"


def test_prices_are_compared_for_one_shot_when_the_lengths_change_too(told: Told) -> None:
    price, lengths = told({"pricing": rate(7)}, {"pricing": rate(6), "durations": ["10000"]})

    assert (price.credits_before, price.credits_after) == (70, 60)
    assert lengths.sentence == "Durations 5, 10 s → 10 s"


def test_factors_alone_are_told_though_a_usual_shot_costs_the_same(told: Told) -> None:
    before = rate(7, resolution={"1080p": 1.5, "4K": 2}, audio={"on": 1.2})
    after = rate(7, resolution={"1080p": 2, "4K": 2}, style={"rich": 3})
    change = told({"pricing": before}, {"pricing": after})[0]

    steps = "audio on × 1.2 → × 1; 1080p × 1.5 → × 2; style rich × 1 → × 3"
    assert change.sentence == f"Price factors: {steps}"
    assert (change.credits_before, change.credits_after, change.percent_words) == (35, 35, "")


def test_many_factors_are_cut_short(told: Told) -> None:
    many = {f"{n}p": 1 + n for n in range(1, 40)}
    change = told({"pricing": rate(7)}, {"pricing": rate(7, resolution=many)})[0]

    assert change.sentence.endswith("; and 27 more")


def test_the_older_price_list_counts_as_well(told: Told) -> None:
    old = {"pricing": None, "price_details": details(7, 1, "second")}
    assert told(old, {"price_details": details(9, 1, "second")})[0].sentence == "7 cr/s → 9 cr/s"


def test_the_older_price_list_is_named_when_it_no_longer_decides(told: Told) -> None:
    change = told({"price_details": details(7, 1, "second")}, {"price_details": details(9, 1, "second")})[0]
    assert change.sentence == "Older price list: 7 cr/s → 9 cr/s"


def test_a_price_that_appears_or_goes_has_no_percent(told: Told) -> None:
    none = {"pricing": None, "price_details": None}
    change = told(none, {"pricing": rate(7)})[0]

    assert change.sentence == "price unknown → 7 cr/s"
    assert (change.credits_before, change.credits_after, change.percent_words) == (None, 35, "")


def test_what_only_a_call_can_price_is_told_by_its_base_cost(account: Account) -> None:
    model = make_model(account, pricing=None, base_cost=Decimal("7.5000"))
    before = diary.snapshot(model)
    model.base_cost = Decimal(6)

    change = diary.record(account, timezone.now(), before, model)[0]

    assert change.sentence == "usually 7.5 cr → usually 6 cr"
    assert (change.credits_before, change.credits_after) == (Decimal("7.5"), 6)
    assert Change.objects.get().percent_words == "▼ 20 %"


def test_what_the_row_has_worked_out_before_misleads_nobody(account: Account) -> None:
    model = make_model(account)
    before = diary.snapshot(model)
    assert (model.needs_words, model.durations_words) == ("text", "5, 10 s")
    model.durations, model.requires_start_frame = ["8000"], True

    told = [change.sentence for change in diary.record(account, timezone.now(), before, model)]
    assert told == ["Durations 5, 10 s → 8 s", "Needs text → start frame"]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (10_000, 9_999, "▼ 0.1 %"),
        (200, 201, "▲ 0.5 %"),
        (3, 4, "▲ 33 %"),
        (30, 0, "▼ 100 %"),
        (1, 500, "▲ over 1,000 %"),
        (0, 5, ""),
        (None, 5, ""),
        (5, 5, ""),
    ],
)
def test_percents_are_rounded_to_what_people_read(before: int | None, after: int, words: str) -> None:
    old = None if before is None else Decimal(before)
    change = Change(kind=Kind.PRICE, credits_before=old, credits_after=Decimal(after))
    assert change.percent_words == words


# What a model offers and takes


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (
            {"aspect_ratios": ["16:9", "4:3"]},
            {"aspect_ratios": ["16:9", "9:21"]},
            "Aspect ratios: + 9:21, − 4:3",
        ),
        (
            {},
            {"aspect_ratio_range": [0.4, 2.5]},
            "Aspect ratios: named ratios only → any start image from 0.4:1 to 2.5:1",
        ),
        ({}, {"resolutions": ["720p", "4K"]}, "Resolutions: + 4K"),
        (
            {"default_resolution": "720p"},
            {"default_resolution": "1080p"},
            "Resolutions: default 720p → 1080p",
        ),
        ({}, {"default_resolution": "720p"}, "Resolutions: default not named → 720p"),
        (
            {},
            {"durations": [f"{seconds}s" for seconds in range(5, 16)]},
            "Durations 5, 10 s → 5–15 s",
        ),
        ({}, {"durations": None}, "Durations 5, 10 s → not named"),
        ({}, {"max_duration_ms": 600_000}, "Longest not named → 10 min"),
        ({}, {"durations": ["10000", "5000", "a while"]}, "Durations changed"),
        ({}, {"requires_start_frame": True}, "Needs text → start frame"),
        (
            {"requires_end_frame": True},
            {"requires_end_frame": False, "inputs": [{"mode": "x", "slots": [{"role": "end_frame"}]}]},
            "Needs end frame → text · end frame optional",
        ),
        (
            {"requires_input_video": True},
            {"requires_character_orientation": True},
            "Needs video → character orientation + video",
        ),
    ],
)
def test_each_change_is_one_sentence(
    told: Told, before: dict[str, Any], after: dict[str, Any], sentence: str
) -> None:
    assert [change.sentence for change in told(before, after)] == [sentence]


def test_long_lists_and_words_are_cut_short(told: Told) -> None:
    many = [f"{n}:{n + 1}" for n in range(1, 60)]
    ratios, resolutions = told({"aspect_ratios": []}, {"aspect_ratios": many, "resolutions": ["x" * 300]})

    assert ratios.sentence.endswith("+ 12:13, + 47 more")
    assert len(resolutions.sentence) < 100


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"aspect_ratios": ["16:9", "9:16"]}, {"aspect_ratios": ["9:16", "16:9", "16:9"]}),
        ({"durations": ["5000", "10000"]}, {"durations": ["10 s", 5]}),
        ({"durations": None}, {"durations": []}),
        ({"default_resolution": None}, {"default_resolution": ""}),
        ({"pricing": rate(7)}, {"pricing": {"credits_per_second": 7.0, "base_cost": 0}}),
        ({"pricing": rate(7)}, {"pricing": rate(7, resolution={"720p": 1, "4K": None})}),
        ({"price_details": None}, {"price_details": {"credit_cost": None}}),
        ({"aspect_ratio_range": [1, 2]}, {"aspect_ratio_range": [1.0, 2.0]}),
        ({"requires_start_frame": None}, {"requires_start_frame": False}),
        ({"inputs": None}, {"inputs": []}),
        ({"name": "A", "eta_ms": 1}, {"name": "B", "eta_ms": 2, "tags": ["x"], "premium": True}),
    ],
)
def test_what_means_the_same_is_no_change(told: Told, before: dict[str, Any], after: dict[str, Any]) -> None:
    assert told(before, after) == []


# Coming and going


def test_the_first_sync_of_an_account_tells_of_no_arrivals(sync_with: Sync) -> None:
    sync_with([row(), row()])
    assert not Change.objects.exists()


def test_arrival_retirement_and_return_are_told_with_what_changed_meanwhile(sync_with: Sync) -> None:
    kept, other = row("Kept"), row("Other", pricing=rate(7))
    sync_with([kept])

    assert str(sync_with([kept, other])) == "1 added"
    sync_with([kept])
    report = sync_with([kept, {**other, "pricing": rate(9)}])

    assert str(report) == "1 updated, 1 returned, 1 price changed"
    entries = Change.objects.order_by("pk")
    assert [change.sentence for change in entries] == [
        "New in the catalog at 7 cr/s",
        "No longer offered",
        "Offered again at 9 cr/s",
        "7 cr/s → 9 cr/s",
    ]
    assert [change.credits_after for change in entries] == [35, None, 45, 45]


def test_a_failed_sync_writes_nothing(sync_with: Sync, account: Account) -> None:
    sync_with([row()])
    sync_with([])
    assert not Change.objects.exists()


def test_an_id_only_model_that_gains_a_slug_keeps_its_diary(sync_with: Sync) -> None:
    old = {**row(pricing=rate(7)), "slug": None}
    sync_with([old])
    sync_with([{**old, "pricing": rate(8)}])
    sync_with([{**old, "slug": "a/b", "pricing": rate(9)}])
    sync_with([{**old, "slug": "a/b", "id": None, "pricing": rate(10)}])

    model = AIModel.objects.get()
    steps = [(change.credits_before, change.credits_after) for change in model.changes.order_by("pk")]
    assert steps == [(35, 40), (40, 45), (45, 50)]


def test_the_revision_grows_only_when_something_changed(sync_with: Sync, account: Account) -> None:
    def revision() -> int:
        account.refresh_from_db()
        return account.revision

    rows = [row("a"), row("b")]
    seen = [revision()]
    for body in (rows, rows, rows[:1], rows[:1], [{**rows[0], "eta_ms": 5}], []):
        sync_with(body)
        seen.append(revision())

    assert [after > before for before, after in pairwise(seen)] == [
        True,
        False,
        True,
        False,
        True,
        False,
    ]


# Trends


def note(
    model: AIModel, days_ago: float, before: int | None, after: int | None, kind: Kind = Kind.PRICE
) -> None:
    Change.objects.create(
        account=model.account,
        model=model,
        at=timezone.now() - timedelta(days=days_ago),
        kind=kind,
        credits_before=before,
        credits_after=after,
    )


def test_a_trend_is_the_latest_price_change_of_a_month(account: Account) -> None:
    cheaper, dearer, moved, new, old, quiet = (make_model(account) for _ in range(6))
    note(cheaper, 20, 10, 20)
    note(cheaper, 10, 20, 18)
    note(dearer, 29, 30, 32)
    note(moved, 5, 30, 30)
    note(new, 13, None, 30, Kind.ARRIVED)
    note(old, 31, 30, 20)
    note(quiet, 15, None, 30, Kind.ARRIVED)
    note(quiet, 1, None, None, Kind.RATIOS)

    found = diary.trends([account])

    assert set(found) == {cheaper.pk, dearer.pk, moved.pk, new.pk}
    assert [found[model.pk].kind for model in (cheaper, dearer, moved, new)] == [
        "down",
        "up",
        "changed",
        "new",
    ]
    assert [found[model.pk].percent for model in (cheaper, dearer)] == [10, 7]


def test_trends_take_one_query_and_leave_other_accounts_alone(
    account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    other = make_model(Account.objects.create(fingerprint="another key"))
    models = [make_model(account) for _ in range(20)]
    for model in [other, *models]:
        note(model, 1, 10, 9)

    with django_assert_num_queries(1):
        assert set(diary.trends([account])) == {model.pk for model in models}


def test_a_trend_speaks() -> None:
    since = timezone.now().replace(month=11, day=3)
    assert Trend("down", since, Decimal(10)).words == "▼ 10 % since 3 Nov"
    assert Trend("up", since, Decimal(7)).words == "▲ 7 % since 3 Nov"
    assert Trend("up", since, None).words == "▲ since 3 Nov"
    assert Trend("changed", since).words == "price list changed 3 Nov"
    assert Trend("new", since).words == "new"

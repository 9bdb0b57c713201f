"""The What changed page: what it shows, to whom, and at what expense."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from catalog.models import Account, AIModel, Change
from catalog.models.change import Kind
from catalog.pages.diary_pages import PAGE_SIZE
from tests.catalog.factories import make_model

PAGE = "/catalog/changes/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _read_once(account: Account) -> None:
    Account.objects.update(synced_at=timezone.now(), sync_report={"added": 53})


@pytest.fixture
def hoox(account: Account, settings: Settings) -> Account:
    settings.HOOX_URL, settings.HOOX_KEY, settings.HOOX_SANDBOX = "http://127.0.0.1:9", "key", True
    return Account.objects.current("hoox")


def read_since(account: Account, day: int) -> None:
    """The account has been read since this day of March 2026."""
    created = timezone.now().replace(year=2026, month=3, day=day)
    Account.objects.filter(pk=account.pk).update(created=created, synced_at=timezone.now())


def note(model: AIModel, kind: Kind = Kind.RETIRED, days_ago: float = 0, **fields: Any) -> Change:
    at = timezone.now() - timedelta(days=days_ago)
    return Change.objects.create(account=model.account, model=model, at=at, kind=kind, **fields)


def cheaper(model: AIModel, **fields: Any) -> Change:
    rates = [{"pricing": {"credits_per_second": credits}} for credits in (7, 6)]
    prices = {"credits_before": Decimal(35), "credits_after": Decimal(30)}
    return note(model, Kind.PRICE, before=rates[0], after=rates[1], **prices, **fields)


def shown(client: Client, query: str = "") -> list[str]:
    """The models on the page, in its order."""
    days = client.get(f"{PAGE}?{query}").context["page"].days
    return [item.model.name for day in days for item in day.items]


def text(client: Client, query: str = "") -> str:
    """What people read, without markup."""
    page = client.get(f"{PAGE}?{query}").content.decode()
    return " ".join(re.sub(r"<[^>]+>", "", page[page.index("<main") :]).split())


def test_each_change_is_a_sentence_with_a_link_to_its_model(client: Client, account: Account) -> None:
    model = make_model(account)
    cheaper(model)

    assert "Grok Video T2V" in text(client)
    assert "7 cr/s → 6 cr/s Price down: ▼ 14 %" in text(client)
    assert f'href="/catalog/models/{model.pk}/"' in client.get(PAGE).content.decode()


def test_changes_come_newest_first_by_day(client: Client, account: Account) -> None:
    first, second, third = (make_model(account, name) for name in ("First", "Second", "Third"))
    note(second, days_ago=1)
    note(first, days_ago=40)
    note(third)

    days = client.get(PAGE).context["page"].days
    assert [item.model.name for day in days for item in day.items] == ["Third", "Second", "First"]
    assert [day.title for day in days][:2] == ["Today", "Yesterday"]
    assert re.fullmatch(r"\w+ \d+ \w+ \d{4}", days[2].title)


def test_what_one_reading_found_of_a_model_stands_together(client: Client, account: Account) -> None:
    model, other = make_model(account, "One"), make_model(account, "Other")
    at = timezone.now()
    for changed, kind in [(model, Kind.PRICE), (model, Kind.RETURNED), (other, Kind.ARRIVED)]:
        Change.objects.create(account=account, model=changed, at=at, kind=kind)

    [day] = client.get(PAGE).context["page"].days
    kinds = [[change.kind for change in item.changes] for item in day.items]
    assert kinds == [["arrived"], ["price", "returned"]]


def test_filters_narrow_by_kind_and_text_and_count(client: Client, account: Account) -> None:
    fox, owl = make_model(account, "Fox 1", maker="Den"), make_model(account, "Owl 2", maker="Nest")
    cheaper(fox)
    note(fox)
    note(owl)

    assert sorted(shown(client, "kind=retired")) == ["Fox 1", "Owl 2"]
    assert shown(client, "kind=retired&q=nest") == ["Owl 2"]
    assert shown(client, "kind=price&kind=retired&q=fox") == ["Fox 1", "Fox 1"]
    page = client.get(f"{PAGE}?q=fox").context["page"]
    assert [(chip.label, chip.count) for chip in page.kinds] == [("Price", 1), ("Retired", 1)]
    assert (page.shown, page.total) == (2, 3)
    assert "2 of 3 changes" in text(client, "q=fox")


def test_a_pressed_chip_takes_itself_off(client: Client, account: Account) -> None:
    cheaper(make_model(account))
    [chip] = client.get(f"{PAGE}?kind=price&q=gr").context["page"].kinds
    assert (chip.active, chip.url) == (True, f"{PAGE}?q=gr")


def test_services_are_told_apart(client: Client, account: Account, hoox: Account) -> None:
    note(make_model(account, "Here"))
    note(make_model(hoox, "There"))

    assert shown(client, "service=hoox") == ["There"]
    page = client.get(PAGE).context["page"]
    assert [(chip.label, chip.count) for chip in page.services] == [("Hedra", 1), ("Hoox", 1)]


def test_other_keys_changes_stay_away(client: Client, account: Account) -> None:
    note(make_model(Account.objects.create(fingerprint="another key")))
    assert shown(client) == []


@pytest.mark.parametrize(
    "query", ["kind=nonsense", "service=nowhere", "before=x-y", "before=9-99999999999999999999", "q=%00%20"]
)
def test_nonsense_in_the_address_is_left_out(client: Client, account: Account, query: str) -> None:
    note(make_model(account, "Here"))
    assert shown(client, query) == ["Here"]


def test_pages_follow_one_another_without_gap_or_repeat(client: Client, account: Account) -> None:
    model, at = make_model(account), timezone.now()
    many = [
        Change(account=account, model=model, at=at - timedelta(minutes=n // 3), kind="ratios")
        for n in range(120)
    ]
    Change.objects.bulk_create(many)

    seen: list[int] = []
    url, sizes = PAGE, []
    while url:
        page = client.get(url).context["page"]
        found = [change.pk for day in page.days for item in day.items for change in item.changes]
        seen, url, sizes = seen + found, page.next_url, [*sizes, len(found)]

    assert sizes == [PAGE_SIZE, PAGE_SIZE, 20]
    assert sorted(seen) == sorted(change.pk for change in many)
    assert len(set(seen)) == 120


def test_a_day_that_goes_on_says_so_and_comes_alone(client: Client, account: Account) -> None:
    model = make_model(account)
    at = timezone.now()
    Change.objects.bulk_create(Change(account=account, model=model, at=at, kind="ratios") for _ in range(60))
    url = client.get(PAGE).context["page"].next_url

    page = client.get(url, headers=HTMX).content.decode()

    assert "continued" in page
    assert "<main" not in page
    assert "facets" not in page
    assert "Older changes" not in page


def test_a_filter_draws_the_results_anew(client: Client, account: Account) -> None:
    note(make_model(account))
    page = client.get(f"{PAGE}?q=nothing", headers=HTMX).content.decode()
    assert page.strip().startswith('<div id="results"')
    assert "No change fits these filters" in page


# States


def test_a_quiet_diary_says_since_when_it_runs(client: Client, account: Account) -> None:
    Account.objects.update(created=timezone.now().replace(year=2026, month=3, day=9))
    assert "Since 9 Mar 2026 nothing has changed" in text(client)


def test_a_quiet_diary_of_several_services_tells_when_all_of_them_were_read(
    client: Client, account: Account, hoox: Account
) -> None:
    read_since(account, 9)
    read_since(hoox, 20)

    assert "Since 20 Mar 2026 nothing has changed" in text(client)
    assert "Since 9 Mar 2026 nothing has changed" in text(client, "service=hedra")
    assert "Since 20 Mar 2026 nothing has changed" in text(client, "service=hoox")


def test_a_count_of_changes_goes_back_to_the_first_service(
    client: Client, account: Account, hoox: Account
) -> None:
    read_since(account, 9)
    read_since(hoox, 20)
    note(make_model(account))

    assert "1 change since 9 Mar 2026" in text(client)


def test_a_service_that_was_never_read_has_no_quiet_diary(
    client: Client, account: Account, hoox: Account
) -> None:
    assert "The diary begins with the first sync" in text(client, "service=hoox")


def test_before_the_first_sync_the_diary_has_not_begun(client: Client, account: Account) -> None:
    Account.objects.update(synced_at=None)
    assert "The diary begins with the first sync" in text(client)
    assert "not read yet" in text(client)


def test_all_filtered_out_differs_from_nothing_changed(client: Client, account: Account) -> None:
    note(make_model(account))
    assert "No change fits these filters" in text(client, "kind=price")
    assert "The diary holds 1 other." in text(client, "kind=price")


def test_the_last_sync_is_told_with_what_it_did(client: Client, account: Account) -> None:
    Account.objects.update(sync_report={"updated": 2, "prices": 1, "of a later version": 3})
    assert "last read just now · 2 updated, 1 price changed" in text(client)


def test_why_the_last_sync_failed_is_told(client: Client, account: Account) -> None:
    error = "Hedra could not be reached."
    Account.objects.update(sync_error=error, sync_tried_at=timezone.now())
    told = text(client)
    assert error in told
    assert "tries again every minute" in told


def test_names_are_text_never_markup(client: Client, account: Account) -> None:
    note(make_model(account, "<b>Bold</b>"), Kind.RESOLUTIONS, after={"resolutions": ["<i>4K</i>"]})
    page = client.get(PAGE).content.decode()
    assert "<b>Bold" not in page
    assert "<i>4K" not in page


def test_a_full_page_takes_few_queries(
    client: Client, account: Account, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(30):
        cheaper(make_model(account))
        note(make_model(account), Kind.ARRIVED)
    with django_assert_max_num_queries(8):
        client.get(f"{PAGE}?q=grok")

"""The Spend page: what it adds up, for whom, in which period, and what the balance says to it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from catalog.models import Account
from catalog.services import HOOX
from generations.models import Cap, Generation, Status, Verdict
from generations.spending.figures import Row, Spending, entries_for
from generations.spending.periods import Period
from tests.factories import make_take
from tests.generations.ledger.books import spent_at

pytestmark = pytest.mark.django_db

NOW = timezone.now()
TODAY = NOW.replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture
def account(owner: User) -> Account:
    return Account.objects.current()


def ordered(owner: User, at: datetime = NOW, **fields: Any) -> Generation:
    return make_take(owner, sent_at=at, finished_at=at, **fields)


def table(user: User, name: str, period: str = "30d") -> list[tuple[str, Decimal, int]]:
    [found] = [each for each in Spending(user, Period.of(period)).accounts if each.is_used]
    rows: list[Row] = dict(found.tables)[name]
    return [(row.label, row.credits, row.takes) for row in rows]


class TestSums:
    def test_charged_less_given_back(self, owner: User, account: Account) -> None:
        """A take that is deleted has cost what it cost; one that failed may have been given back."""
        ordered(owner, deleted_at=NOW)
        failed = ordered(owner, charged=Decimal("7.25"))
        Generation.objects.filter(pk=failed.pk).update(status=Status.ERROR, charged=0)
        ordered(owner, status=Status.PROCESSING, charged=None)
        [found] = Spending(owner, Period.of("7d")).accounts
        totals = found.totals
        assert (totals.spent, totals.charged, totals.refunded) == (35, Decimal("42.25"), Decimal("7.25"))
        assert (totals.takes, found.unknown) == (2, 1)
        assert totals.spent == spent_at(account)

    def test_by_model_kind_and_whether_it_was_kept(self, owner: User, account: Account) -> None:
        ordered(owner, model_name="Kling V3", charged=Decimal(80), favorite=True)
        ordered(owner, model_name="Kling V3", charged=Decimal(70), deleted_at=NOW, favorite=True)
        ordered(owner, model_name="Flux", type="image", charged=Decimal(4), verdict=Verdict.KEEP)
        assert table(owner, "Model") == [("Kling V3", 150, 2), ("Flux", 4, 1)]
        assert table(owner, "Kind") == [("Video", 150, 2), ("Image", 4, 1)]
        assert table(owner, "Kept") == [("Keepers", 84, 2), ("Not kept", 70, 1)]

    def test_each_row_is_measured_by_the_largest(self, owner: User, account: Account) -> None:
        for name, charged in (("a", 80), ("b", 20), ("c", 0)):
            ordered(owner, model_name=name, charged=Decimal(charged))
        [found] = Spending(owner, Period.of("30d")).accounts
        rows = dict(found.tables)["Model"]
        assert [(row.label, row.percent, row.each) for row in rows] == [("a", 100, 80), ("b", 25, 20)]

    def test_tenths_add_up_exactly(self, owner: User, account: Account) -> None:
        for _ in range(3):
            ordered(owner, charged=Decimal("0.10"))
        assert table(owner, "Model") == [("Grok Video T2V", Decimal("0.30"), 3)]

    def test_the_credits_of_two_services_are_never_added(self, owner: User, hoox: Account) -> None:
        ordered(owner)
        ordered(owner, account=hoox, charged=Decimal("2.60"))
        found = Spending(owner, Period.of("30d")).accounts
        assert [(each.account.service, each.totals.spent) for each in found] == [
            ("hedra", 35),
            (HOOX, Decimal("2.60")),
        ]

    def test_what_an_earlier_key_spent_stays_on_the_page(self, owner: User, account: Account) -> None:
        former = Account.objects.create(fingerprint="an earlier key")
        ordered(owner, account=former)
        found = Spending(owner, Period.of("30d")).accounts
        assert [(each.account, each.totals.spent) for each in found] == [(account, 0), (former, 35)]

    def test_every_day_has_its_bar(self, owner: User, account: Account) -> None:
        ordered(owner, TODAY)
        ordered(owner, TODAY - timedelta(days=2), charged=Decimal(70))
        ordered(owner, TODAY - timedelta(days=7))
        [found] = Spending(owner, Period.of("7d")).accounts
        assert found.bars
        assert [bar.credits for bar in found.bars.bars] == [0, 0, 0, 0, 70, 0, 35]
        assert [float(bar.height) for bar in found.bars.bars[4:]] == [120, 0, 60]
        assert "70 credits" in found.bars.sentence

    def test_the_whole_time_is_told_by_months(self, owner: User, account: Account) -> None:
        this, before = Period.this_month(), Period.this_month().earlier
        assert this.since
        assert before
        assert before.earlier
        assert before.earlier.since
        ordered(owner, this.since)
        ordered(owner, before.earlier.since)
        [found] = Spending(owner, Period.of("all")).accounts
        assert found.bars
        assert [bar.credits for bar in found.bars.bars][-3:] == [35, 0, 35]
        assert len(found.bars.bars) == 12


class TestPeriods:
    @pytest.mark.parametrize("text", ["", "30d", "31d", "2026-13", "1999-01", "٣٠d", "2026-1", "x" * 999])
    def test_anything_else_is_the_last_thirty_days(self, text: str) -> None:
        period = Period.of(text)
        assert (period.key, period.since) == ("30d", TODAY - timedelta(days=29))

    def test_months_lead_to_each_other_and_not_into_the_future(self) -> None:
        month = Period.of("2025-12")
        assert (month.label, month.earlier and month.earlier.key) == ("December 2025", "2025-11")
        assert (month.later and month.later.key) == "2026-01"
        assert Period.this_month().later is None
        assert Period.of("2000-01").earlier is None

    def test_a_month_ends_where_the_next_begins(self, owner: User, account: Account) -> None:
        february = Period.of("2024-02")
        assert february.since
        assert february.until
        ordered(owner, february.since)
        ordered(owner, february.until - timedelta(microseconds=1))
        ordered(owner, february.until)
        assert table(owner, "Model", "2024-02") == [("Grok Video T2V", 70, 2)]


class TestPage:
    def test_it_shows_what_was_spent(self, client: Client, owner: User, account: Account) -> None:
        ordered(owner, charged=Decimal(1234))
        page = client.get("/spend/").content.decode()
        assert '<dd class="spend-figure">1,234</dd>' in page
        assert page.count('<rect class="bars-bar"') == 30
        assert "style=" not in page
        assert 'aria-current="page">' in page.partition("/spend/")[2]

    def test_nothing_spent_is_said(self, client: Client, account: Account) -> None:
        page = client.get("/spend/?period=7d").content.decode()
        assert "Nothing was spent here in this time." in page
        assert "<rect" not in page

    def test_a_charge_nobody_told_is_not_passed_over(
        self, client: Client, owner: User, account: Account
    ) -> None:
        ordered(owner, charged=None)
        page = client.get("/spend/").content.decode()
        assert "1 take whose charge Hedra has not told yet" in page

    def test_htmx_gets_the_part(self, client: Client, account: Account) -> None:
        page = client.get("/spend/?period=all", headers={"HX-Request": "true"}).content.decode()
        assert page.lstrip().startswith('<div id="spend"')

    @pytest.mark.parametrize("takes", [1, 30])
    def test_queries_do_not_grow(
        self,
        client: Client,
        owner: User,
        hoox: Account,
        takes: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for number in range(takes):
            ordered(owner, model_name=f"Model {number}")
            ordered(owner, account=hoox, type=f"kind {number}")
        with django_assert_num_queries(17):
            client.get("/spend/")


class TestWhoSeesWhat:
    @pytest.fixture(autouse=True)
    def _team(self, settings: Settings, owner: User, account: Account) -> None:
        settings.SOLO = False
        ada, ben = User.objects.create_user("ada", is_staff=True), User.objects.create_user("ben")
        ordered(ada, charged=Decimal(80))
        ordered(ben, charged=Decimal(35), prompt="Of Ben")

    def page(self, name: str, address: str = "/spend/") -> str:
        browser = Client()
        browser.force_login(User.objects.get(username=name))
        answer = browser.get(address)
        return (answer.getvalue() if answer.streaming else answer.content).decode()

    def test_staff_sees_everybody_by_person(self) -> None:
        page = self.page("ada")
        assert '<dd class="spend-figure">115</dd>' in page
        people = page.partition("credits by person")[2].partition("</table>")[0]
        assert re.findall(r'spend-label">(\w+)<', people) == ["ada", "ben"]
        assert "Never spend more" in page

    def test_others_see_their_own(self) -> None:
        page = self.page("ben")
        assert '<dd class="spend-figure">35</dd>' in page
        assert "ada" not in page.partition('id="spend"')[2]
        assert "by person" not in page
        assert "Balance." not in page
        assert "Never spend more" not in page

    def test_so_does_the_export(self) -> None:
        assert self.page("ada", "/spend/ledger.csv").count("\r\n") == 5
        lines = self.page("ben", "/spend/ledger.csv").split("\r\n")
        assert len(lines) == 4
        assert all("Of Ben" in line for line in lines[1:3])

    def test_only_staff_chooses_caps(self, account: Account) -> None:
        browser = Client()
        for name, status in (("ben", 404), ("ada", 302)):
            browser.force_login(User.objects.get(username=name))
            answer = browser.post(f"/spend/caps/{account.pk}/", {"daily": "500"})
            assert answer.status_code == status
            assert Cap.objects.exists() is (name == "ada")

    def test_a_colleague_sees_how_much_of_a_cap_is_gone(self, account: Account) -> None:
        Cap.objects.create(account=account, daily=500)
        assert "115 of 500 credits spent or under way" in self.page("ben")


class TestCaps:
    def test_they_are_chosen_here(self, client: Client, account: Account) -> None:
        answer = client.post(f"/spend/caps/{account.pk}/", {"daily": "500", "monthly": ""}, follow=True)
        assert "Saved. The caps hold from the next press on." in answer.content.decode()
        assert Cap.objects.values_list("daily", "monthly").get() == (500, None)
        part = client.post(f"/spend/caps/{account.pk}/", {"monthly": "9000"}, headers={"HX-Request": "true"})
        assert f'id="caps-{account.pk}"' in part.content.decode()
        assert "0 of 9,000 credits" in part.content.decode()
        assert Cap.objects.values_list("daily", "monthly").get() == (None, 9000)

    @pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
    @pytest.mark.parametrize("typed", ["-1", "ten", "1.5", "9999999999999999999"])
    def test_what_is_no_amount_is_kept_and_explained(
        self, client: Client, account: Account, typed: str, headers: dict[str, str]
    ) -> None:
        answer = client.post(f"/spend/caps/{account.pk}/", {"daily": typed, "monthly": "7"}, headers=headers)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert f'value="{typed}"' in page
        assert "Write a whole number of credits up to 1,000,000" in page
        assert not Cap.objects.exists()

    def test_an_account_that_is_not_in_use_has_none(self, client: Client, account: Account) -> None:
        former = Account.objects.create(fingerprint="an earlier key")
        assert client.post(f"/spend/caps/{former.pk}/", {"daily": "5"}).status_code == 404
        assert client.post("/spend/caps/999/", {"daily": "5"}).status_code == 404
        assert client.get(f"/spend/caps/{account.pk}/").status_code == 405


@pytest.mark.parametrize(("staff", "index"), [(True, "entry_at"), (False, "entry_of_owner")])
def test_a_persons_lines_are_found_by_an_index(
    owner: User, account: Account, settings: Settings, staff: bool, index: str
) -> None:
    settings.SOLO = False
    owner.is_staff = staff
    plan = entries_for(owner, Period.of("30d")).explain()
    if connection.vendor == "sqlite":
        assert f"USING INDEX {index}" in plan

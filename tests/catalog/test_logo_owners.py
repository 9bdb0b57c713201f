"""Which logo is whose, and that each is fetched once."""

from __future__ import annotations

import pytest
from django.utils import timezone

from catalog.mirror import logos
from catalog.models import Account, AIModel, Logo
from tests.catalog.factories import make_model
from tests.catalog.logo_helpers import (
    drawing,
    logo_of,
    make_due,
    photo,
    picture_of,
    run,
    stored,
    with_logo,
)
from tests.catalog.nasty_svg import svg
from tests.clients.server import (
    ScriptedServer,
)
from tests.factories import png

pytestmark = pytest.mark.django_db


def test_an_address_of_many_models_is_fetched_once(account: Account, service: ScriptedServer) -> None:
    models = [with_logo(account, service) for _ in range(3)]
    service.will(drawing(svg()))

    assert run(account) == 1

    assert {logo_of(model).pk for model in models} == {Logo.objects.get().pk}
    assert len(service.seen) == 1


def test_nothing_is_fetched_twice_in_a_row(account: Account, service: ScriptedServer) -> None:
    with_logo(account, service)
    service.will(drawing(svg()))

    assert [run(account), run(account)] == [1, 0]
    assert len(service.seen) == 1


def test_what_another_process_is_fetching_is_left_to_it(account: Account, service: ScriptedServer) -> None:
    with_logo(account, service)
    logos.link(account)
    logo = logos.due(account).get()
    Logo.objects.update(due_at=timezone.now() + logos.LEASE)

    assert not logos._claim(logo)
    assert logos.fetch_due(account) == 0


def test_a_fetch_cut_off_by_the_worker_s_end_is_taken_up_later(
    account: Account, service: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = with_logo(account, service)
    monkeypatch.setattr(logos, "_fetch", lambda *_: None)
    assert run(account) == 1
    assert not logos.due(account)

    logo = logo_of(model)
    assert timezone.now() < logo.due_at <= timezone.now() + logos.LEASE


def test_models_without_an_address_or_no_longer_on_offer_are_passed_over(
    account: Account, service: ScriptedServer
) -> None:
    make_model(account, logo_url="")
    make_model(account, logo_url=f"{service.url}/old.svg", retired_at=timezone.now())

    assert run(account) == 0
    assert not Logo.objects.exists()


def test_a_new_address_brings_a_new_logo_and_the_old_file_goes(
    account: Account, service: ScriptedServer
) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()), photo(png()))
    run(account)
    before = stored()

    AIModel.objects.update(logo_url=f"{service.url}/new.png")
    run(account)

    assert logo_of(model).url == f"{service.url}/new.png"
    assert Logo.objects.count() == len(stored()) == 1
    assert stored() != before


def test_an_address_that_vanishes_takes_the_logo_along(account: Account, service: ScriptedServer) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()))
    run(account)

    AIModel.objects.update(logo_url="")
    logos.link(account)

    model.refresh_from_db()
    assert (model.logo, Logo.objects.count(), stored()) == (None, 0, [])


def test_a_shared_logo_stays_while_one_model_has_it(account: Account, service: ScriptedServer) -> None:
    first, second = with_logo(account, service), with_logo(account, service)
    service.will(drawing(svg()))
    run(account)

    AIModel.objects.filter(pk=first.pk).update(logo_url="")
    logos.link(account)

    assert logo_of(second).file
    assert len(stored()) == 1


def test_a_retired_model_keeps_its_logo(account: Account, service: ScriptedServer) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()))
    run(account)

    AIModel.objects.update(retired_at=timezone.now())
    make_due()

    assert run(account) == 0
    assert logo_of(model).file


def test_the_same_picture_at_two_addresses_is_two_files(account: Account, service: ScriptedServer) -> None:
    first, second = with_logo(account, service, "/a.svg"), with_logo(account, service, "/b.svg")
    service.will(drawing(svg()), drawing(svg()))
    run(account)

    AIModel.objects.filter(pk=first.pk).update(logo_url="")
    logos.link(account)

    assert picture_of(second)


def test_the_list_in_memory_learns_of_a_logo_and_of_nothing_else(
    account: Account, service: ScriptedServer
) -> None:
    def revision() -> int:
        account.refresh_from_db()
        return account.revision

    with_logo(account, service)
    logos.link(account)
    linked = revision()
    service.will(drawing(svg()), drawing(svg()))
    logos.fetch_due(account)
    assert revision() > linked

    fetched = revision()
    make_due()
    assert run(account) == 1
    assert revision() == fetched

"""When a logo is fetched again, and what outlives a failure."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from pytest_django.fixtures import Settings

from catalog import tasks
from catalog.mirror import logos
from catalog.mirror.logo_maker import SIDE
from catalog.models import Account, AIModel, Logo
from tests.catalog.factories import make_model
from tests.catalog.logo_helpers import (
    drawing,
    logo_of,
    make_due,
    picture_of,
    run,
    stored,
    with_logo,
)
from tests.catalog.nasty_svg import DOT, svg
from tests.clients.server import (
    Answer,
    ScriptedServer,
    cut,
    redirect,
    server_error,
    text_answer,
)
from tests.factories import png
from tests.sandboxed import Studio

pytestmark = pytest.mark.django_db


def test_a_good_logo_is_looked_at_again_after_a_week(account: Account, service: ScriptedServer) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()))
    run(account)
    logo = logo_of(model)

    assert logo.fetched_at
    assert logo.due_at - logo.fetched_at == timedelta(days=7)


def test_another_picture_at_the_same_address_replaces_the_file(
    account: Account, service: ScriptedServer
) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()), drawing(svg(DOT.replace("#0a0", "#00a"))))
    run(account)
    before = logo_of(model).src
    make_due()
    run(account)

    assert logo_of(model).src != before
    assert len(stored()) == 1


def test_failures_pause_for_longer_each_time(account: Account, service: ScriptedServer) -> None:
    model = with_logo(account, service)
    pauses = []
    for _ in range(8):
        service.will(text_answer("gone", 404))
        make_due()
        run(account)
        pauses.append(logo_of(model).due_at - timezone.now())

    days = [round(pause / timedelta(days=1)) for pause in pauses]
    assert days == [1, 2, 4, 8, 16, 30, 30, 30]
    assert logo_of(model).error == "There is no picture at its address."


@pytest.mark.parametrize("answer", [server_error(503), cut])
def test_a_server_that_is_down_is_tried_again_soon(
    account: Account, service: ScriptedServer, answer: Answer
) -> None:
    model = with_logo(account, service)
    service.will(answer)
    run(account)

    assert logo_of(model).due_at < timezone.now() + timedelta(minutes=11)


def test_a_picture_outlives_a_failure(account: Account, service: ScriptedServer) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()), text_answer("gone", 404), drawing(svg()))
    run(account)
    make_due()
    run(account)

    assert logo_of(model).error
    assert picture_of(model)

    make_due()
    run(account)
    assert (logo_of(model).error, logo_of(model).failures) == ("", 0)


def test_a_lost_file_comes_back(account: Account, service: ScriptedServer) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()), drawing(svg()))
    run(account)
    default_storage.delete(logo_of(model).file.name)
    make_due()
    run(account)

    assert picture_of(model)


def test_a_file_cut_off_while_it_was_written_is_written_anew(
    account: Account, service: ScriptedServer
) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()), drawing(svg()))
    run(account)
    Path(logo_of(model).file.path).write_bytes(b"\x89PNG")
    make_due()
    run(account)

    assert picture_of(model).size == (SIDE, SIDE)


def test_an_address_that_leads_into_a_private_network_is_not_followed(
    account: Account, service: ScriptedServer
) -> None:
    model = with_logo(account, service)
    service.will(redirect("https://169.254.169.254/latest/meta-data/"))
    run(account)

    assert "doesn't follow" in logo_of(model).error


def test_a_logo_that_is_forgotten_while_it_is_fetched_leaves_no_file(
    account: Account, service: ScriptedServer
) -> None:
    model = with_logo(account, service)
    logos.link(account)
    logo = logo_of(model)
    Logo.objects.all().delete()

    logos._keep(logo, logos._Answer(png()))

    assert stored() == []


def test_a_run_leaves_the_rest_for_the_next_one(
    account: Account, service: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logos, "RUN_S", -1)
    with_logo(account, service)

    assert run(account) == 0
    assert logos.due(account).count() == 1


def test_the_worker_fetches_in_a_task_of_its_own(account: Account, service: ScriptedServer) -> None:
    model = with_logo(account, service)
    logos.link(account)
    service.will(drawing(svg()))

    tasks.fetch_logos.call_local(account.pk)

    assert picture_of(model)


def test_a_service_that_is_no_longer_connected_is_left_alone(
    account: Account, service: ScriptedServer, settings: Settings
) -> None:
    other = Account.objects.create(service="hoox", fingerprint="gone")
    make_model(other, logo_url=f"{service.url}/logo.svg")
    settings.HOOX_KEY = ""

    assert run(other) == 0


def test_every_logo_of_the_sandbox_can_be_drawn(studio: Studio) -> None:
    account = Account.objects.current()

    run(account)

    with_address = AIModel.objects.filter(account=account).exclude(logo_url="")
    assert with_address.exists()
    assert not with_address.filter(logo=None).exists()
    assert not Logo.objects.filter(file="").exists(), list(Logo.objects.values("url", "error"))

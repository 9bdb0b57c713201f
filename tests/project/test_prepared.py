"""What a start does to a database that an older version has left."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session as DjangoSession
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django.fixtures import Settings

from generations.models import TakeIndex
from generations.models.take_index import place_of
from hedra_studio import health
from hedra_studio.prepared import migrate_if_needed
from hedra_studio.refused import Refused
from tests.factories import make_take

PARTS = [part for each in MigrationLoader(None).disk_migrations.values() for part in each.replaces]
"""The migrations that there were before those of an app became one."""


def forget(*migrations: tuple[str, str]) -> None:
    for app, name in migrations:
        MigrationRecorder(connection).record_unapplied(app, name)


@pytest.mark.django_db(transaction=True)
def test_one_from_before_its_migrations_became_one_is_brought_up_to_date(owner: User) -> None:
    take = make_take(owner)
    since = [("generations", "0002_places"), ("generations", "0003_unseen")]
    forget(("catalog", "0001_tables"), ("generations", "0001_tables"), *since)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("UPDATE take_index SET rowid = -rowid")
            cursor.execute("DROP TRIGGER take_index_gone")
            cursor.execute(
                "CREATE TRIGGER take_index_gone AFTER DELETE ON generations_generation BEGIN SELECT 1; END"
            )
    assert health.unapplied() == [".".join(each) for each in since]
    assert migrate_if_needed()
    assert health.unapplied() == []
    if connection.vendor == "sqlite":
        assert TakeIndex.objects.get().place == place_of(take.created, take.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("lacking", [PARTS[1], PARTS[-1]], ids=str)
def test_one_from_between_them_is_refused(lacking: tuple[str, str]) -> None:
    forget(lacking)
    assert health.unapplied() == [".".join(lacking)]
    with pytest.raises(Refused, match=f"it lacks {'.'.join(lacking)}"):
        migrate_if_needed()


@pytest.mark.django_db(transaction=True)
def test_whoever_is_signed_in_stays_so(settings: Settings) -> None:
    settings.SOLO, settings.SESSION_ENGINE = False, "django.contrib.sessions.backends.db"
    browser = Client()
    browser.force_login(User.objects.create_user("ada"))
    call_command("migrate", "hedra_studio", "zero", verbosity=0)
    assert migrate_if_needed()
    settings.SESSION_ENGINE = "hedra_studio.sessions"
    assert browser.get("/gallery/").context["user"].username == "ada"
    assert not DjangoSession.objects.exists()

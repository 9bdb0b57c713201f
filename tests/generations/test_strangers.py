"""Another person finds nothing of somebody's at any address that names a row, whatever the method; the
addresses are those that the studio has, so that a new one is asked about too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from catalog.models import Account
from generations import collections, urls
from generations.models import (
    Asset,
    Collected,
    Collection,
    Draft,
    Entry,
    Generation,
    Note,
    Preset,
    SavedSearch,
    Status,
)
from tests.factories import make_asset, make_take, png

pytestmark = pytest.mark.django_db

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
HTMX: list[dict[str, str]] = [{}, {"HX-Request": "true"}]


class Belongings:
    """Something of everything that one person can have."""

    def __init__(self, owner: User) -> None:
        name = default_storage.save("takes/theirs.png", ContentFile(png()))
        files = {"result": name, "poster": name, "preview": name, "content_type": "image/png"}
        self.take = make_take(owner, **files)
        self.deleted = make_take(owner, deleted_at=timezone.now(), **files)
        self.failed = make_take(owner, status=Status.ERROR, error_code="INTERNAL")
        self.unclear = make_take(owner, status=Status.UNCLEAR, sent_at=timezone.now(), charged=None)
        self.asset = make_asset(owner)
        self.preset = Preset.objects.create(owner=owner, name="Mine")
        self.note = Note.objects.create(take=self.take, text="Mine")
        self.search = SavedSearch.objects.create(owner=owner, name="Mine", query="q=1")
        collections.collect(owner, "Mine", Generation.objects.filter(pk=self.take.pk))
        self.collection = Collection.objects.get(owner=owner)

    @property
    def takes(self) -> list[int]:
        return [self.take.pk, self.deleted.pk, self.failed.pk, self.unclear.pk]


Rows = Callable[[Belongings], list[int]]
NAMED_BY: dict[str, Rows] = {
    "take": lambda mine: mine.takes,
    "preset": lambda mine: [mine.preset.pk],
    "asset": lambda mine: [mine.asset.pk],
    "collection": lambda mine: [mine.collection.pk],
    "note": lambda mine: [mine.note.pk],
    "search": lambda mine: [mine.search.pk],
}
"""What an address is about, by how its name begins: `pk` is one of these rows."""
OF_NOBODY = {"model_takes", "spend_caps"}
"""About a model or an account: nobody's own. Their own tests say who may see what."""
SENT = {"asset_crop": {"crop": "start_frame"}}
"""What an address needs besides, to be one."""
BY_SECRET = {"share_file"}
"""For whoever has a link; test_sharing.py looks at these."""


def addresses_with_a_row() -> list[URLPattern]:
    rows = {"pk", "take", "note", "search", "asset", "collection", "preset"}
    return [each for each in urls.urlpatterns if rows & each.pattern.converters.keys() | rows & groups(each)]


def groups(each: URLPattern) -> set[str]:
    return set(getattr(each.pattern, "regex").groupindex)  # noqa: B009 - routes of both kinds have one


def subject_of(each: URLPattern) -> str:
    name = str(each.name)
    return next((subject for subject in NAMED_BY if name.startswith(subject)), "")


def test_every_address_with_a_row_is_asked_about() -> None:
    names = {str(each.name) for each in addresses_with_a_row()}
    assert {"take", "take_file", "take_delete", "asset_file", "collection_move", "preset_use"} <= names
    unknown = [each.name for each in addresses_with_a_row() if not subject_of(each)]
    assert set(unknown) == OF_NOBODY | BY_SECRET, "say in NAMED_BY whose rows the new address is about"


ASKED = [each for each in addresses_with_a_row() if subject_of(each)]


def filled(each: URLPattern, mine: Belongings) -> list[str]:
    """The address for each row that it may be about; a second row is one of the same owner's."""
    others: dict[str, Any] = {
        "take": mine.take.pk,
        "note": mine.note.pk,
        "search": mine.search.pk,
        "name": "thumbnail" if each.name == "asset_file" else "result",
    }
    wanted = groups(each) - {"pk"}
    rest = {name: others[name] for name in wanted}
    if "pk" not in groups(each):
        return [reverse(str(each.name), kwargs=rest)]
    return [reverse(str(each.name), kwargs={"pk": pk, **rest}) for pk in NAMED_BY[subject_of(each)](mine)]


def everything() -> dict[str, list[dict[str, Any]]]:
    kinds: list[type[models.Model]] = [
        *(Generation, Collection, Collected, Note, SavedSearch, Preset, Draft, Entry, Asset, Account)
    ]
    return {kind.__name__: list(kind._default_manager.order_by("pk").values()) for kind in kinds}


@pytest.mark.parametrize("each", ASKED, ids=lambda each: str(each.name))
def test_a_stranger_finds_nothing_there(
    each: URLPattern, owner: User, stranger: User, settings: Settings
) -> None:
    settings.SOLO = False
    mine, visitor = Belongings(owner), Client()
    visitor.force_login(stranger)
    before = everything()
    for address in filled(each, mine):
        for method in METHODS:
            for headers in HTMX:
                response = getattr(visitor, method)(address, SENT.get(str(each.name)), headers=headers)
                assert response.status_code in (404, 405), (method, address)
    assert everything() == before


@pytest.mark.parametrize("each", ASKED, ids=lambda each: str(each.name))
def test_the_owner_finds_something_there(each: URLPattern, owner: User) -> None:
    """Else the test above would hold for an address that leads nowhere."""
    mine, visitor = Belongings(owner), Client()
    found = [
        getattr(visitor, method)(address, SENT.get(str(each.name))).status_code
        for address in filled(each, mine)
        for method in ("get", "post")
    ]
    assert set(found) - {404, 405}, (each.name, found)


def test_a_strangers_takes_are_in_no_archive_and_in_no_collection(
    client: Client, owner: User, stranger: User
) -> None:
    theirs = Belongings(stranger)
    assert client.post("/gallery/zip/", {"take": theirs.takes}).status_code == 302
    own = collections.create(owner, "Mine alone")
    client.post(f"/collections/{own.pk}/{theirs.take.pk}/move/", {"place": "1"})
    client.post(f"/collections/{own.pk}/{theirs.take.pk}/cover/")
    client.post(f"/gallery/{theirs.take.pk}/collect/", {"name": "Mine alone"})
    own.refresh_from_db()
    assert (own.cover_id, own.places.count()) == (None, 0)

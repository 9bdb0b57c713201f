"""The trash: how long it keeps what, and emptied before its time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from generations import trash
from generations.models import Generation
from tests.factories import make_take

pytestmark = pytest.mark.django_db

PAGE, EMPTY = "/gallery/?state=trash", "/gallery/trash/empty/"


def make_thrown(owner: User, days: float = 0, **fields: object) -> Generation:
    name = default_storage.save("takes/clip.mp4", ContentFile(b"clip"))
    deleted_at = timezone.now() - timedelta(days=days)
    return make_take(owner, **{"result": name, "poster": name, "deleted_at": deleted_at} | fields)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "for 30 more days"),
        (17.5, "for 13 more days"),
        (28.5, "for 2 more days"),
        (29.5, "until tomorrow"),
    ],
)
def test_each_tile_says_how_long_it_stays(client: Client, owner: User, days: float, words: str) -> None:
    make_thrown(owner, days)
    assert f"It stays in the trash {words}." in client.get(PAGE).content.decode()


def test_it_is_emptied_only_after_a_question(client: Client, owner: User) -> None:
    takes = [make_thrown(owner), make_thrown(owner, prompt="Another")]
    assert EMPTY in client.get(PAGE).content.decode()
    question = client.get(EMPTY).content.decode()
    assert "The files of 2 takes are removed" in question
    assert all(default_storage.exists(take.result.name) for take in takes)

    page = client.post(EMPTY, follow=True).content.decode()

    assert "2 takes removed." in page
    assert "The trash is empty" in page
    assert not any(default_storage.exists(take.result.name) for take in takes)
    for take in takes:
        left = Generation.objects.get(pk=take.pk)
        assert (left.remote_id, left.charged, left.result.name) == (take.remote_id, take.charged, "")
        assert client.post(f"/gallery/{take.pk}/restore/").status_code == 404


def test_what_is_not_in_ones_own_trash_stays(client: Client, owner: User, stranger: User) -> None:
    kept, theirs = make_thrown(owner, deleted_at=None), make_thrown(stranger)
    make_thrown(owner)
    client.post(EMPTY)
    for take in (kept, theirs):
        before = Generation.objects.get(pk=take.pk)
        assert before.deleted_at == take.deleted_at
        assert default_storage.exists(before.result.name)


def test_what_is_too_much_at_once_goes_with_the_nightly_emptying(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generations.views.trash.AT_ONCE", 1)
    takes = [make_thrown(owner), make_thrown(owner)]
    assert "The trash is empty" in client.post(EMPTY, follow=True).content.decode()
    assert sum(default_storage.exists(take.result.name) for take in takes) == 1
    trash.empty_trash()
    assert not any(default_storage.exists(take.result.name) for take in takes)


def test_an_empty_trash_asks_nothing(client: Client, owner: User) -> None:
    make_take(owner)
    for response in (client.get(EMPTY, follow=True), client.post(EMPTY, follow=True)):
        assert "The trash is empty" in response.content.decode()
    assert EMPTY not in client.get(PAGE).content.decode()


def test_after_thirty_days_it_can_not_be_restored(client: Client, owner: User) -> None:
    take = make_thrown(owner, 30.1)
    assert "The trash is empty" in client.get(PAGE).content.decode()
    assert client.post(f"/gallery/{take.pk}/restore/").status_code == 404


def test_restored_while_it_is_emptied_it_stays_gone(owner: User) -> None:
    take = make_thrown(owner)
    trash.end_now(owner)
    take.restore()
    assert Generation.objects.get().deleted_at


def test_a_file_that_came_meanwhile_goes_with_the_next_emptying(owner: User) -> None:
    """A poster that a worker drew after the row was read."""
    take = make_thrown(owner, 31, poster="")
    late = default_storage.save("takes/late.png", ContentFile(b"poster"))
    Generation.objects.update(poster=late)
    assert not trash._empty(take)
    assert trash.empty_trash() == 1
    assert not default_storage.exists(take.result.name)
    assert not default_storage.exists(late)


def test_a_file_that_can_not_be_removed_keeps_no_other(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck, other = make_thrown(owner, 31), make_thrown(owner, 31)
    real, is_down = default_storage.delete, True

    def delete(name: str) -> None:
        if name == stuck.result.name and is_down:
            raise OSError("the store doesn't answer")
        real(name)

    monkeypatch.setattr(default_storage, "delete", delete)
    assert trash.empty_trash() == 2
    assert not default_storage.exists(other.result.name)
    is_down = False
    assert trash.empty_trash() == 1
    assert not default_storage.exists(stuck.result.name)


def test_tiles_are_told_from_each_other_by_poster_model_and_cost(client: Client, owner: User) -> None:
    take = make_thrown(owner, model_name="Kling V3", rating=4, charged=35)
    page = client.get(PAGE).content.decode()
    for told in (take.poster_url, "Kling V3", "4★", "35 cr"):
        assert str(told) in page
    assert client.get(take.poster_url or "").status_code == 200
    assert client.get(f"/gallery/{take.pk}/result").status_code == 404
    trash.end_now(owner)
    assert client.get(take.poster_url or "").status_code == 404

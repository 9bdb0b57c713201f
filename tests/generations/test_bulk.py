"""What the gallery's bar does to many takes at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.models import Account
from catalog.prices.quoting import Quote
from generations import bulk, collections, trash
from generations.collections import collect
from generations.models import Collection, Generation, Status
from tests.factories import make_model, make_take

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
URL = "/gallery/bulk/"
SHOT = UUID(int=7)
Post = Callable[..., str]


@pytest.fixture
def post(client: Client, owner: User) -> Post:
    """Press a button of the bar as htmx does; the answer."""

    def post(do: str, *takes: Generation, query: str = "", **values: Any) -> str:
        sent = {"do": do, "take": [take.pk for take in takes], **values}
        return client.post(f"{URL}{query}", sent, headers=HTMX).content.decode()

    return post


def stamp_of(page: str) -> str:
    """What its Undo sends along."""
    return page.split('"stamp": "')[1].split('"')[0]


def now(take: Generation) -> Generation:
    return Generation.objects.get(pk=take.pk)


def test_favorites_come_and_go(post: Post, owner: User) -> None:
    takes = [make_take(owner), make_take(owner, favorite=True)]
    page = post("favorite", *takes)
    assert "1 take added to your favorites. 1 was so before." in page
    assert all(f'id="take-{take.pk}"' in page for take in takes)
    assert now(takes[0]).favorite
    assert now(takes[0]).version != takes[0].version
    assert "2 takes taken out of your favorites." in post("unfavorite", *takes)
    assert not now(takes[1]).favorite


@pytest.mark.parametrize("stars", range(6))
def test_a_rating_makes_a_take_seen(post: Post, owner: User, stars: int) -> None:
    take = make_take(owner, rating=3, unseen=True)
    post(f"rate-{stars}", take)
    assert (now(take).rating, now(take).unseen) == (stars, False)


def test_cards_keep_their_stack_and_their_list(post: Post, owner: User) -> None:
    take = make_take(owner)
    make_take(owner, shot=take.shot, position=1)
    page = post("favorite", take, query="?stacked=1")
    assert 'title="All 2 takes of this shot"' in page
    assert f'href="/gallery/{take.pk}/?in=stacked%3D1"' in page


def test_the_others_of_a_stack_stay_in_reach_when_its_top_is_deleted(post: Post, owner: User) -> None:
    """And undo brings the whole stack back."""
    top, *_ = [make_take(owner, shot=uuid4() if place > 2 else SHOT, position=place) for place in range(4)]
    page = post("delete", top, query="?stacked=1")
    assert f'href="/gallery/?shot={SHOT}&amp;stacked=1"' in page
    assert "2 others of this shot" in page
    undo = page.split('hx-post="')[1].split('"')[0]
    page = post("restore", top, query=undo.removeprefix(URL), stamp=stamp_of(page))
    assert 'title="All 3 takes of this shot"' in page
    assert f'href="/gallery/{top.pk}/?in=stacked%3D1"' in page


def test_takes_are_collected_once_and_in_their_order(post: Post, owner: User) -> None:
    old, new = make_take(owner, created=timezone.now() - timedelta(days=1)), make_take(owner)
    assert "2 takes put into “Fox film”." in post("collect", new, old, collection=" Fox  film ")
    assert "0 takes put into “Fox film”. 1 was in it before." in post("collect", old, collection="Fox film")
    later = make_take(owner, created=timezone.now() - timedelta(days=9))
    post("collect", later, collection="Fox film")
    collection = Collection.objects.get(owner=owner)
    assert [place.take_id for place in collection.places.all()] == [old.pk, new.pk, later.pk]


def test_what_found_no_room_is_said(post: Post, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collections, "MOST_TAKES", 2)
    monkeypatch.setattr(collections, "MOST_COLLECTIONS", 1)
    takes = [make_take(owner) for _ in range(4)]
    post("collect", takes[0], collection="Full")
    page = post("collect", *takes, collection="Full")
    assert "1 take put into “Full”. 1 was in it before. 2 found no room: it is full." in page
    page = post("collect", *takes, collection="One more")
    assert "There can be 1 collections." in page
    assert "was in it" not in page


def test_many_takes_are_collected_in_their_order(
    post: Post, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 2)
    takes = [make_take(owner, created=timezone.now() - timedelta(days=n)) for n in range(5)]
    post("collect", *takes, collection="Named")
    post("collect", everything="1", collection="All")
    for collection in Collection.objects.all():
        placed = [place.take_id for place in collection.places.order_by("position")]
        assert placed == [take.pk for take in reversed(takes)]


def test_running_takes_are_left_and_the_others_come_back_by_one_undo(
    post: Post, client: Client, owner: User
) -> None:
    gone_before = make_take(owner, deleted_at=timezone.now())
    takes = [make_take(owner), make_take(owner), make_take(owner, status=Status.PROCESSING)]
    page = post("delete", *takes)
    assert "2 takes deleted." in page
    assert "1 is still running and was left: the service can&#x27;t cancel it." in page
    assert [now(take).deleted_at is None for take in takes] == [False, False, True]
    assert "2 takes restored." in post("restore", *takes[:2], stamp=stamp_of(page))
    assert [now(take).deleted_at for take in takes] == [None] * 3
    assert now(gone_before).deleted_at


def test_a_take_of_another_key_can_be_deleted_while_it_waits(post: Post, owner: User) -> None:
    other = Account.objects.create(service="hedra", fingerprint="another")
    take = make_take(owner, account=other, status=Status.PROCESSING)
    assert "1 take deleted." in post("delete", take)


def test_the_trash_gives_back(post: Post, owner: User) -> None:
    gone, kept = make_take(owner, deleted_at=timezone.now()), make_take(owner)
    assert "1 take restored." in post("restore", gone, kept, query="?state=trash")
    assert now(gone).deleted_at is None
    assert now(gone).version != gone.version


def test_what_was_emptied_for_good_stays_gone(post: Post, owner: User) -> None:
    make_take(owner, deleted_at=timezone.now())
    trash.end_now(owner)
    gone, kept = Generation.objects.get(), make_take(owner, deleted_at=timezone.now())
    stamp = str((now(gone).deleted_at - bulk._EPOCH) // bulk._MICROSECOND)  # type: ignore[operator]
    assert "0 takes restored." in post("restore", query=f"?stamp={stamp}")
    assert "0 takes restored." in post("restore", gone)
    assert "1 take restored." in post("restore", query="?state=trash", everything="1")
    assert now(gone).deleted_at
    assert now(kept).deleted_at is None


# All that match


def test_everything_means_what_the_filters_show(post: Post, owner: User, stranger: User) -> None:
    fox, heron = make_take(owner, prompt="A fox"), make_take(owner, prompt="A heron")
    gone = make_take(owner, prompt="A fox", deleted_at=timezone.now())
    theirs = make_take(stranger, prompt="A fox")
    assert "1 take added" in post("favorite", query="?q=fox", everything="1")
    assert [now(take).favorite for take in (fox, heron, gone, theirs)] == [True, False, False, False]


def test_more_than_one_press_changes_is_said(
    post: Post, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST", 3)
    for _ in range(5):
        make_take(owner)
    assert "3 takes are changed at once; press again for the rest." in post("delete", everything="1")
    assert Generation.objects.owned_by(owner).count() == 2


def test_large_selections_go_in_chunks(
    owner: User, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 10)
    for _ in range(25):
        make_take(owner)
    form = {"everything": "1"}
    query = QueryDict(mutable=True)
    query.update(form)
    with django_assert_num_queries(4):  # which they are, and three chunks
        bulk.do("favorite", bulk.Selection(owner, {}, query), query)
    assert Generation.objects.filter(favorite=True).count() == 25


def test_the_bar_learns_how_many_match(client: Client, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for prompt in ("A fox", "A fox again", "A heron"):
        make_take(owner, prompt=prompt)
    assert client.get(f"{URL}count/?q=fox").content == b"2"
    monkeypatch.setattr(bulk, "MOST", 1)
    assert client.get(f"{URL}count/?q=fox").content == b"1+"


# Trying again


def failed(owner: User, **fields: Any) -> Generation:
    given = {"status": Status.ERROR, "error_code": "INTERNAL", "ai_model": make_model(), "body": BODY}
    return make_take(owner, **given | fields)


BODY = {
    "type": "video",
    "generated_video_inputs": {"text_prompt": "x", "duration_ms": 5000, "resolution": "720p"},
}


def answer_of(page: str) -> str:
    return page.split('name="seen_price" value="')[1].split('"')[0]


def test_failed_takes_start_again_at_the_price_that_was_shown(post: Post, owner: User) -> None:
    takes = [failed(owner), failed(owner), make_take(owner)]
    page = post("retry", *takes)
    assert "Try 2 takes again for 70 credits?" in page
    assert "1 had not failed." in page
    assert {now(take).status for take in takes[:2]} == {Status.ERROR}
    assert "2 takes started again." in post("retry", *takes, seen_price=answer_of(page))
    assert {now(take).status for take in takes[:2]} == {Status.PREPARING}
    assert now(takes[0]).quoted == Decimal(35)


def test_another_price_is_asked_anew(post: Post, owner: User) -> None:
    takes = [failed(owner), failed(owner)]
    agreed = answer_of(post("retry", takes[0]))
    assert "for 70 credits?" in post("retry", *takes, seen_price=agreed)
    assert now(takes[0]).status == Status.ERROR


def test_the_first_that_cannot_be_paid_ends_it(post: Post, owner: User) -> None:
    account = Account.objects.current()
    account.balance, account.balance_at, account.balance_tried_at = 50, timezone.now(), timezone.now()
    account.save()
    takes = [failed(owner), failed(owner)]
    page = post("retry", *takes, seen_price=answer_of(post("retry", *takes)))
    assert "1 take started again. 1 not begun: Needs 20 more credits." in page
    assert sorted(now(take).status for take in takes) == [Status.ERROR, Status.PREPARING]


@pytest.fixture
def of_two_services(owner: User, hoox: Account, monkeypatch: pytest.MonkeyPatch) -> list[Generation]:
    """The first costs 35 credits of the one service, the second 900 of the other."""
    price = property(lambda take: Quote(Decimal(900 if take.account_id == hoox.pk else 35)))
    monkeypatch.setattr(Generation, "retry_price", price)
    return [failed(owner), failed(owner, account=hoox), failed(owner)]


def test_credits_of_two_services_are_not_added(post: Post, of_two_services: list[Generation]) -> None:
    page = post("retry", *of_two_services)
    assert "Try 3 takes again for 70 credits of Hedra and 900 of Hoox?" in page
    agreed = answer_of(post("retry", *of_two_services[:2]))
    assert "for 70 credits of Hedra and 900 of Hoox?" in post("retry", *of_two_services, seen_price=agreed)


def test_what_one_account_can_not_pay_another_can(
    post: Post, of_two_services: list[Generation], hoox: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = [take.pk for take in of_two_services if take.account_id != hoox.pk]
    tried = list[int]()

    def try_again(take: Generation) -> str:
        tried.append(take.pk)
        return "Needs 35 more credits." if take.pk in refused else ""

    monkeypatch.setattr(bulk, "try_again", try_again)
    page = post("retry", *of_two_services, seen_price=answer_of(post("retry", *of_two_services)))
    assert "1 take started again. 2 not begun: Needs 35 more credits." in page
    assert len(tried) == 2  # of the refused account only the first


def test_nothing_failed_costs_no_question(post: Post, owner: User) -> None:
    assert "Nothing to try again. 1 had not failed." in post("retry", make_take(owner))


# Without script


def test_without_script_the_page_comes_back_with_the_filters_and_an_undo(client: Client, owner: User) -> None:
    take = make_take(owner, type="image")
    answer = client.post(f"{URL}?kind=image", {"do": "delete", "take": [take.pk]})
    assert answer["Location"] == "/gallery/?kind=image"
    page = client.get("/gallery/?kind=image").content.decode()
    assert "1 take deleted." in page
    undo = page.split('formaction="/gallery/bulk/')[1].split('"')[0].replace("&amp;", "&")
    page = client.post(f"{URL}{undo}", follow=True).content.decode()
    assert "1 take restored." in page
    assert now(take).deleted_at is None


def test_without_script_the_price_is_asked_on_a_page(client: Client, owner: User) -> None:
    take = failed(owner)
    page = client.post(f"{URL}?state=failed", {"do": "retry", "take": [take.pk]}).content.decode()
    assert "Nothing was ordered yet" in page
    assert f'action="{URL}?state=failed"' in page
    sent = {"do": "retry", "take": [take.pk], "seen_price": answer_of(page)}
    assert "1 take started again." in client.post(URL, sent, follow=True).content.decode()


def test_the_gallery_has_the_form_and_each_tile_its_checkbox(client: Client, owner: User) -> None:
    take = make_take(owner)
    page = client.get("/gallery/?q=fox").content.decode()
    assert 'action="/gallery/bulk/?q=fox"' in page
    assert f'form="bulk" name="take" value="{take.pk}"' in page
    assert 'value="restore"' not in page
    Generation.objects.update(deleted_at=timezone.now())
    page = client.get("/gallery/?state=trash").content.decode()
    assert 'value="restore"' in page
    assert f'form="bulk" name="take" value="{take.pk}"' in page


@pytest.mark.parametrize("size", ["small", "medium", "large"])
def test_the_size_of_the_tiles_is_remembered(client: Client, owner: User, size: str) -> None:
    make_take(owner)
    answer = client.post("/gallery/tiles/?kind=video", {"size": size})
    assert answer["Location"] == "/gallery/?kind=video"
    assert f'data-tiles="{size}"' in client.get("/gallery/").content.decode()


def test_an_unknown_size_changes_nothing(client: Client, owner: User) -> None:
    answer = client.post("/gallery/tiles/", {"size": "<huge>"})
    assert "hedra_studio_tiles" not in answer.cookies


# Refusals


@pytest.mark.parametrize("do", ["favorite", "rate-5", "collect", "delete", "retry"])
def test_a_strangers_take_is_left_alone(post: Post, stranger: User, do: str) -> None:
    theirs = make_take(stranger, status=Status.ERROR, error_code="INTERNAL", prompt="Private matter")
    page = post(do, theirs, collection="Mine")
    assert "Private matter" not in page
    assert now(theirs).version == theirs.version
    assert (now(theirs).favorite, now(theirs).rating, now(theirs).deleted_at) == (False, 0, None)
    assert not Collection.objects.filter(takes=theirs).exists()


def test_a_stranger_cannot_undo(post: Post, owner: User, stranger: User) -> None:
    gone = timezone.now()
    theirs = make_take(stranger, deleted_at=gone)
    stamp = str((gone - bulk._EPOCH) // bulk._MICROSECOND)
    assert "0 takes restored." in post("restore", query=f"?stamp={stamp}")
    assert now(theirs).deleted_at


@pytest.mark.parametrize(
    ("do", "values", "why"),
    [
        ("favorite", {}, "No take is selected."),
        ("favorite", {"take": ["x", "\0", "9" * 30, "-1", "²"]}, "No take is selected."),
        ("", {"take": ["1"]}, "Choose what to do"),
        ("rate-6", {"take": ["1"]}, "Choose what to do"),
        ("collect", {"take": ["1"], "collection": " \0 "}, "Say which collection"),
        ("restore", {"stamp": "x"}, "That can&#x27;t be undone any more"),
        ("restore", {"stamp": "9" * 18}, "That can&#x27;t be undone any more"),
    ],
)
def test_what_makes_no_sense_is_said(
    client: Client, owner: User, do: str, values: dict[str, Any], why: str
) -> None:
    answer = client.post(URL, {"do": do, **values}, headers=HTMX)
    assert (answer.status_code, why in answer.content.decode()) == (422, True)
    page = client.post(URL, {"do": do, **values}, follow=True)
    assert (page.status_code, why in page.content.decode()) == (200, True)


def test_it_is_only_done_by_pressing(client: Client, owner: User) -> None:
    assert client.get(URL).status_code == 405


def test_collections_are_a_persons_own(owner: User, stranger: User, client: Client) -> None:
    mine, theirs = make_take(owner), make_take(stranger)
    assert collect(owner, "Same name", Generation.objects.all()) == 1
    assert collect(stranger, "Same name", Generation.objects.all()) == 1
    assert set(Collection.objects.get(owner=owner).takes.all()) == {mine}
    assert set(Collection.objects.get(owner=stranger).takes.all()) == {theirs}
    collect(stranger, "Private", Generation.objects.all())
    names = client.get(f"{URL}collections/").content.decode()
    assert "Same name" in names
    assert "Private" not in names


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "  two   words "])
def test_any_name_fits(owner: User, name: str) -> None:
    collect(owner, name, Generation.objects.owned_by(owner))
    assert 0 < len(Collection.objects.get().name) <= 80

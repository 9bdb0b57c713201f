"""Takes that people put together: what is in a collection, in which order, and whom it is shared with."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.functional import cached_property

from .gallery.asked import text_of
from .models import Collected, Collection, Generation, Status

NAME_LENGTH = 80
MOST_COLLECTIONS = 500
MOST_TAKES = 10_000
PAGE_SIZE = 48
LISTED = 24
STEP = 1024
"""Between places, so that a take can be put between two others without writing to them."""
_AT_ONCE = 500
_LAST_PLACE = 2**31 - 1
LASTS = {"1": "1 day", "7": "1 week", "30": "1 month"}
"""How long a link opens the collection, in days."""
_TOKEN_BYTES = 32
_TAKEN = "There is a collection named “{name}” already. {advice}"


class NotKept(Exception):
    """It can't be done; the words say why, and what to do."""


def clean_name(text: str) -> str:
    return text_of(text, NAME_LENGTH)


# What is in it


def collect(owner: User, name: str, takes: QuerySet[Generation]) -> int:
    """Put the person's takes among these at the end of the collection of this name, which is made when there
    is none; how many were added. Each is in it once, and no more than MOST_TAKES are. Raises NotKept."""
    with transaction.atomic():
        return add(_locked(_named(owner, name)), takes)


def create(owner: User, name: str) -> Collection:
    """Raises NotKept when there is one of this name, or too many."""
    wanted = clean_name(name)
    if not wanted:
        raise NotKept("Give the collection a name.")
    if owner.collections.filter(name=wanted).exists():
        raise NotKept(_TAKEN.format(name=wanted, advice="Choose another name."))
    if owner.collections.count() >= MOST_COLLECTIONS:
        raise NotKept(f"There can be {MOST_COLLECTIONS} collections. Delete one that you don't need.")
    try:
        with transaction.atomic():
            return Collection.objects.create(owner=owner, name=wanted)
    except IntegrityError as error:  # made in another tab at the same moment
        raise NotKept(_TAKEN.format(name=wanted, advice="Choose another name.")) from error


def _named(owner: User, name: str) -> Collection:
    named = owner.collections.filter(name=clean_name(name))
    try:
        return named.first() or create(owner, name)
    except NotKept:
        if found := named.first():  # made in another tab at the same moment
            return found
        raise


def _locked(collection: Collection) -> Collection:
    """Of two who write places the second waits. Belongs into a transaction."""
    return Collection.objects.select_for_update().get(pk=collection.pk)


def add(collection: Collection, takes: QuerySet[Generation]) -> int:
    """The collection's row is locked by the caller."""
    if takes.query.is_sliced:
        takes = Generation.objects.filter(pk__in=list(takes.values_list("pk", flat=True)))
    held = collection.places.aggregate(count=Count("pk"), last=Max("position"))
    mine = takes.filter(owner=collection.owner_id, deleted_at=None)
    new = mine.exclude(pk__in=collection.places.values("take"))
    pks = list(
        new.order_by("created", "pk").values_list("pk", flat=True)[: max(0, MOST_TAKES - held["count"])]
    )
    last = held["last"] or 0
    if last + STEP * len(pks) > _LAST_PLACE:
        last = _spread(collection)
    numbered = enumerate(pks, start=1)
    places = [Collected(collection=collection, take_id=pk, position=last + STEP * n) for n, pk in numbered]
    Collected.objects.bulk_create(places, batch_size=_AT_ONCE)
    if pks:
        _touch(collection)
    return len(pks)


def remove(collection: Collection, take: int) -> None:
    """The take itself stays."""
    collection.places.filter(take=take).delete()
    Collection.objects.filter(pk=collection.pk, cover=take).update(cover=None)
    _touch(collection)


def rename(collection: Collection, name: str) -> None:
    """Raises NotKept."""
    wanted = clean_name(name)
    if not wanted:
        raise NotKept("A collection needs a name. The old one was kept.")
    others = Collection.objects.filter(owner=collection.owner_id, name=wanted).exclude(pk=collection.pk)
    taken = NotKept(_TAKEN.format(name=wanted, advice="The old name was kept."))
    if others.exists():
        raise taken
    try:
        with transaction.atomic():
            Collection.objects.filter(pk=collection.pk).update(name=wanted, updated=timezone.now())
    except IntegrityError as error:  # taken in another tab at the same moment
        raise taken from error
    collection.refresh_from_db(fields=["name", "updated"])


def set_cover(collection: Collection, take: int) -> None:
    Collection.objects.filter(pk=collection.pk).update(cover=take, updated=timezone.now())


def _touch(collection: Collection) -> None:
    Collection.objects.filter(pk=collection.pk).update(updated=timezone.now())


# Its order


@dataclass(frozen=True)
class Goal:
    """Where a take is to be put: before or after another one, or at a place counted from 1."""

    before: int | None = None
    after: int | None = None
    place: int | None = None


@transaction.atomic
def move(collection: Collection, take: int, goal: Goal) -> bool:
    """Put the take there; the same again changes nothing. False when it, or the other one, isn't here."""
    collection = _locked(collection)
    own = collection.places.filter(take=take).first()
    around = _around(collection, take, goal) if own else None
    if own is None or around is None:
        return False
    if _is_between(own, *around):
        return True
    position = _between(*around)
    if position is None:
        _spread(collection)
        position = _between(*(_around(collection, take, goal) or around))
    collection.places.filter(pk=own.pk).update(position=position)
    _touch(collection)
    return True


Around = tuple[Collected | None, Collected | None]


def _around(collection: Collection, take: int, goal: Goal) -> Around | None:
    """The places between which it goes; None when there are none such."""
    others = collection.places.exclude(take=take).order_by("position", "pk")
    if goal.place is not None:
        shown = others.filter(take__deleted_at=None)
        following = shown[goal.place - 1 : goal.place].first() if goal.place > 0 else None
        return (_before(others, following), following) if following else (others.last(), None)
    named = others.filter(take=goal.before or goal.after or 0).first()
    if named is None:
        return None
    return (_before(others, named), named) if goal.before else (named, _behind(others, named))


def _before(others: QuerySet[Collected], place: Collected) -> Collected | None:
    return others.filter(Q(position__lt=place.position) | Q(position=place.position, pk__lt=place.pk)).last()


def _behind(others: QuerySet[Collected], place: Collected) -> Collected | None:
    return others.filter(Q(position__gt=place.position) | Q(position=place.position, pk__gt=place.pk)).first()


def _is_between(own: Collected, left: Collected | None, right: Collected | None) -> bool:
    def at(place: Collected) -> tuple[int, int]:
        return (place.position, place.pk)

    return (left is None or at(left) < at(own)) and (right is None or at(own) < at(right))


def _between(left: Collected | None, right: Collected | None) -> int | None:
    """A free number between these; None when there is none."""
    low = left.position if left else max((right.position if right else 0) - 2 * STEP, -1)
    high = right.position if right else low + 2 * STEP
    middle = (low + high) // 2
    return middle if low < middle < high and middle < _LAST_PLACE else None


def _spread(collection: Collection) -> int:
    """Number the places anew, with gaps; the last number."""
    places = list(collection.places.order_by("position", "pk").only("pk"))
    for number, place in enumerate(places, start=1):
        place.position = STEP * number
    Collected.objects.bulk_update(places, ["position"], batch_size=_AT_ONCE)
    return STEP * len(places)


# What pages show


class CollectionPage:
    """Up to 48 takes of a collection in its order, that follow a take of it."""

    def __init__(self, collection: Collection, after: int | None = None) -> None:
        self.collection = collection
        self._start = collection.places.filter(take=after).first() if after else None

    @cached_property
    def _pks(self) -> list[int]:
        places = shown(self.collection)
        if self._start:
            at = self._start
            places = places.filter(position__gte=at.position).exclude(position=at.position, pk__lte=at.pk)
        return list(places.values_list("take_id", flat=True)[: PAGE_SIZE + 1])

    @cached_property
    def takes(self) -> list[Generation]:
        mine = Generation.objects.filter(pk__in=self._pks[:PAGE_SIZE], owner=self.collection.owner_id)
        found = {take.pk: take for take in mine.drawn()}
        return [found[pk] for pk in self._pks if pk in found]

    @property
    def is_first(self) -> bool:
        return self._start is None

    @property
    def previous(self) -> int | None:
        """The take before the first of this page."""
        return self._start.take_id if self._start else None

    @property
    def following(self) -> int | None:
        """The take behind the last of this page."""
        return self._pks[PAGE_SIZE] if len(self._pks) > PAGE_SIZE else None

    @property
    def last(self) -> int | None:
        """The take that the next page follows."""
        return self._pks[PAGE_SIZE - 1] if self.following else None

    @cached_property
    def count(self) -> int:
        return shown(self.collection).count()

    @property
    def lines(self) -> list[Line]:
        """Each take with those beside it."""
        pks = [self.previous, *(take.pk for take in self.takes), self.following]
        return [Line(take, pks[n], pks[n + 2]) for n, take in enumerate(self.takes)]


@dataclass(frozen=True)
class Line:
    """A take of the page."""

    take: Generation
    earlier: int | None
    """The take before it."""
    later: int | None


def shown(collection: Collection) -> QuerySet[Collected]:
    """In order; what is in the trash comes back to its place when it is restored."""
    return collection.places.filter(take__deleted_at=None).order_by("position", "pk")


def listed(owner: User, before: int | None = None) -> list[Collection]:
    """The newest first, one more than a page holds; each with its `count` and with `picture`, its cover."""
    found = owner.collections.annotate(
        count=Count("places", filter=Q(places__take__deleted_at=None)), first=Subquery(_pictured()[:1])
    )
    if before:
        found = found.filter(pk__lt=before)
    rows: list[Any] = list(found.order_by("-pk")[: LISTED + 1])
    wanted = {pk for row in rows for pk in (row.cover_id, row.first) if pk}
    takes = Generation.objects.owned_by(owner).in_bulk(wanted)
    for row in rows:
        cover = takes.get(row.cover_id or 0)
        row.picture = cover if cover and cover.poster else takes.get(row.first or 0)
    return rows


def _pictured() -> QuerySet[Collected, int]:
    """The first take of a collection that has a picture."""
    places = Collected.objects.filter(collection=OuterRef("pk"), take__deleted_at=None)
    return places.exclude(take__poster="").order_by("position", "pk").values_list("take_id", flat=True)


# Whom it is shared with


def share(collection: Collection, days: str, *, hides_prompts: bool) -> None:
    """A new link: one that was given out before opens nothing any more. Raises NotKept."""
    if days not in LASTS:
        raise NotKept("Choose for how long the link opens the collection. It was not shared.")
    collection.share_token = secrets.token_urlsafe(_TOKEN_BYTES)
    collection.shared_until = timezone.now() + timedelta(days=int(days))
    collection.hides_prompts = hides_prompts
    collection.save(update_fields=["share_token", "shared_until", "hides_prompts"])


def withdraw(collection: Collection) -> None:
    collection.share_token, collection.shared_until = "", None
    collection.save(update_fields=["share_token", "shared_until"])


def shared(token: str) -> Collection | None:
    """What the link opens now."""
    alive = Collection.objects.filter(shared_until__gt=timezone.now(), owner__is_active=True)
    return alive.filter(share_token=token).first() if token else None


def is_shared(collection: Collection) -> bool:
    until = collection.shared_until
    return bool(collection.share_token and until and until > timezone.now())


class SharedPage:
    """What a stranger with the link sees: finished takes that can be looked at, in their order."""

    def __init__(self, collection: Collection, after: int | None = None) -> None:
        self.collection = collection
        self._start = collection.places.filter(take=after).first() if after else None

    @cached_property
    def _rows(self) -> list[Collected]:
        places = shareable(self.collection).select_related("take")
        if self._start:
            at = self._start
            places = places.filter(position__gte=at.position).exclude(position=at.position, pk__lte=at.pk)
        return list(places[: PAGE_SIZE + 1])

    @property
    def takes(self) -> list[Generation]:
        return [place.take for place in self._rows[:PAGE_SIZE]]

    @property
    def last(self) -> int | None:
        return self._rows[PAGE_SIZE - 1].take_id if len(self._rows) > PAGE_SIZE else None


def shareable(collection: Collection) -> QuerySet[Collected]:
    ready = {"take__owner": collection.owner_id, "take__status": Status.COMPLETE}
    return shown(collection).filter(**ready).exclude(take__result="")

"""What is done to many takes at once. Each is changed where it can be; what was left, and why, is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

from django.contrib.auth.models import User
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from catalog.models import Account
from hedra_studio.web import number

from . import collections, tasks
from .gallery.filters import GalleryFilters
from .models import Collected, Generation, GenerationQuerySet, Status
from .models.phrases import credits_words
from .placing import try_again

MOST = 10_000
"""So many takes are changed by one press; of more, it is said that some are left."""
RETRIED_AT_ONCE = 50
CHUNK = 500
STARS = range(6)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class CannotDo(Exception):
    """What was asked for makes no sense; the sentence says what to do instead."""


@dataclass(frozen=True)
class Done:
    """What came of it, in words."""

    words: str
    left: list[str] = field(default_factory=list)
    undo: str = ""
    """What brings exactly these back: the stamp of a deletion."""
    question: str = ""
    """Nothing was done yet: people have to agree first, with `answer`."""
    answer: str = ""

    @property
    def sentences(self) -> str:
        return " ".join([self.words, *self.left]).strip()


class Selection:
    """The takes that are meant: those that are named, or all that fit the filters of a gallery's address."""

    def __init__(self, owner: User, query: Mapping[str, str], form: QueryDict) -> None:
        self.owner, self.filters = owner, GalleryFilters(query)
        self.named = [pk for text in form.getlist("take")[:MOST] if (pk := number(text)) is not None]
        self.is_everything = form.get("everything") == "1"

    @property
    def _of_owner(self) -> GenerationQuerySet:
        return self.filters.drawer(self.owner)

    @property
    def query(self) -> str:
        """The filters as they follow an address, with its question mark."""
        return "".join(self.filters.url().partition("?")[1:])

    @property
    def count_words(self) -> str:
        """How many fit the filters: "1,204", or "10,000+" where counting on is not worth it."""
        count = self.filters.apply(self._of_owner)[: MOST + 1].count()
        return f"{count:,}" if count <= MOST else f"{MOST:,}+"

    def pks(self) -> list[int]:
        """At most one more than `MOST`, newest first; a stranger's are not among them."""
        if self.is_everything:
            found = self.filters.apply(self._of_owner).newest_first()
            return list(found.values_list("pk", flat=True)[: MOST + 1])
        mine = (self._of_owner.filter(pk__in=chunk) for chunk in _chunks(sorted(set(self.named))))
        places = (place for takes in mine for place in takes.values_list("created", "pk"))
        return [pk for _, pk in sorted(places, reverse=True)]


def favorite(selection: Selection, form: QueryDict) -> Done:
    count, left = _change(selection, ~Q(favorite=True), favorite=True)
    return Done(f"{_takes(count)} added to your favorites.", left)


def unfavorite(selection: Selection, form: QueryDict) -> Done:
    count, left = _change(selection, Q(favorite=True), favorite=False)
    return Done(f"{_takes(count)} taken out of your favorites.", left)


def rate(selection: Selection, stars: int) -> Done:
    """So many stars, none with 0; what is judged has been seen."""
    count, left = _change(selection, ~Q(rating=stars) | Q(unseen=True), rating=stars, unseen=False)
    if not stars:
        return Done(f"The rating of {_takes(count)} cleared.", left)
    return Done(f"{_takes(count)} rated {stars} star{'' if stars == 1 else 's'}.", left)


def collect(selection: Selection, form: QueryDict) -> Done:
    name = collections.clean_name(form.get("collection", ""))
    if not name:
        raise CannotDo("Say which collection: type a name, new or known.")
    pks, left = _first(selection.pks())
    chunks = list(_chunks(pks[::-1]))
    members = Collected.objects.filter(collection__owner=selection.owner, collection__name=name)
    there = sum(members.filter(take__in=chunk).count() for chunk in chunks)
    try:
        takes = (Generation.objects.filter(pk__in=chunk) for chunk in chunks)
        count = sum(collections.collect(selection.owner, name, each) for each in takes)
    except collections.NotKept as error:
        raise CannotDo(str(error)) from error
    if members.count() >= collections.MOST_TAKES and (beyond := len(pks) - there - count):
        left = [f"{beyond:,} found no room: it is full.", *left]
    if there:
        left = [f"{there:,} {'was' if there == 1 else 'were'} in it before.", *left]
    return Done(f"{_takes(count)} put into “{name}”.", left)


def delete(selection: Selection, form: QueryDict) -> Done:
    """Into the trash under one time, by which exactly these come back."""
    now = timezone.now()
    runs = Q(next_attempt_at__isnull=False, account__in=[one.pk for one in Account.objects.connected()])
    pks, left = _first(selection.pks())
    count = sum(
        Generation.objects.owned_by(selection.owner)
        .filter(pk__in=chunk)
        .exclude(runs)
        .update(deleted_at=now, updated=now)
        for chunk in _chunks(pks)
    )
    if running := len(pks) - count:
        told = "is still running and was" if running == 1 else "are still running and were"
        left = [f"{running:,} {told} left: the service can't cancel {_it(running)}.", *left]
    words = f"{_takes(count)} deleted. {_they(count)} in the trash for 30 days." if count else ""
    return Done(words, left, undo=str((now - _EPOCH) // _MICROSECOND) if count else "")


def restore(selection: Selection, form: QueryDict) -> Done:
    """Those of one deletion when its stamp is given, else those that are meant, out of the trash."""
    gone, stamp = Generation.objects.in_trash_of(selection.owner), form.get("stamp", "")
    meant = gone.filter(deleted_at=_moment(stamp)).values_list("pk", flat=True) if stamp else selection.pks()
    pks, left = _first(list(meant))
    count = sum(
        gone.filter(pk__in=chunk).update(deleted_at=None, updated=timezone.now()) for chunk in _chunks(pks)
    )
    return Done(f"{_takes(count)} restored.", left)


def retry(selection: Selection, form: QueryDict) -> Done:
    """The failed ones start again, once people have seen what that costs now."""
    pks, _ = _first(selection.pks())
    failed = [pk for chunk in _chunks(pks) for pk in _failed(selection.owner, chunk)]
    chosen = Generation.objects.filter(pk__in=failed[:RETRIED_AT_ONCE]).newest_first().drawn()
    takes = [take for take in chosen if take.can_retry]
    left = _not_failed(len(pks) - len(failed)) + _cannot(len(chosen) - len(takes))
    if beyond := len(failed) - len(chosen):
        left.append(f"{beyond:,} more failed; {RETRIED_AT_ONCE} are tried at once.")
    if not takes:
        return Done("Nothing to try again.", left)
    price, words = _price(takes)
    if form.get("seen_price") != price:
        question = f"Try {_takes(len(takes))} again for {words}?"
        return Done("", left, question=question, answer=price)
    return _retried(takes, left)


def _retried(takes: Sequence[Generation], left: list[str]) -> Done:
    """What an account can't pay ends it there: its others couldn't be paid either, or would be a surprise.
    Those of other accounts go on."""
    begun, refused = list[int](), dict[int, str]()
    for take in takes:
        if take.account_id in refused:
            continue
        if why := try_again(take):
            refused[take.account_id] = why
        else:
            begun.append(take.pk)
    if refused:
        left = [f"{len(takes) - len(begun):,} not begun: {' '.join(refused.values())}", *left]
    tasks.wake(begun)
    return Done(f"{_takes(len(begun))} started again.", left)


def _rate(stars: int, selection: Selection, form: QueryDict) -> Done:
    return rate(selection, stars)


ACTIONS: dict[str, Callable[[Selection, QueryDict], Done]] = {
    "favorite": favorite,
    "unfavorite": unfavorite,
    **{f"rate-{stars}": partial(_rate, stars) for stars in STARS},
    "collect": collect,
    "retry": retry,
    "delete": delete,
    "restore": restore,
}


def do(name: str, selection: Selection, form: QueryDict) -> Done:
    """Raises CannotDo."""
    if name not in ACTIONS:
        raise CannotDo("Choose what to do with the takes.")
    if not (selection.named or selection.is_everything or form.get("stamp")):
        raise CannotDo("No take is selected. Tick some first.")
    return ACTIONS[name](selection, form)


def _change(selection: Selection, differs: Q, **fields: object) -> tuple[int, list[str]]:
    """Those that differ get these fields; how many did, and what is to be said of the others."""
    pks, left = _first(selection.pks())
    now = timezone.now()
    mine = Generation.objects.owned_by(selection.owner)
    count = sum(mine.filter(differs, pk__in=chunk).update(updated=now, **fields) for chunk in _chunks(pks))
    if same := len(pks) - count:
        left = [f"{same:,} {'was' if same == 1 else 'were'} so before.", *left]
    return count, left


def _failed(owner: User, chunk: Sequence[int]) -> list[int]:
    takes = Generation.objects.owned_by(owner).filter(pk__in=chunk, status=Status.ERROR)
    return list(takes.newest_first().values_list("pk", flat=True))


def _price(takes: Sequence[Generation]) -> tuple[str, str]:
    """What all retries cost, as a token to compare and as words; credits of two services are never added."""
    totals, unknown = dict[str, Decimal](), 0
    for take in takes:
        service, credits = take.account.service_label, take.retry_price.credits
        unknown += credits is None
        totals[service] = totals.get(service, Decimal(0)) + (credits or 0)
    token = "-".join(f"{service}-{totals[service].normalize():f}" for service in sorted(totals))
    words = _credits(totals)
    if unknown:
        words += f" and {unknown} price{'' if unknown == 1 else 's'} that nobody knows beforehand"
    return f"{len(takes)}-{token}-{unknown}", words


def _credits(totals: Mapping[str, Decimal]) -> str:
    """ "70 credits", or "35 credits of Hedra and 900 of Hoox"."""
    (first, credits), *others = sorted(totals.items())
    words = f"{credits_words(credits)} credit{'' if credits == 1 else 's'}"
    if others:
        words += f" of {first}"
    return words + "".join(f" and {credits_words(each)} of {service}" for service, each in others)


def _first(pks: list[int]) -> tuple[list[int], list[str]]:
    """As many as one press changes, and what to say when there are more."""
    if len(pks) <= MOST:
        return pks, []
    return pks[:MOST], [f"{MOST:,} takes are changed at once; press again for the rest."]


def _not_failed(count: int) -> list[str]:
    return [f"{count:,} had not failed."] if count else []


def _cannot(count: int) -> list[str]:
    return [f"{count:,} came from your history and can't be ordered again."] if count else []


def _chunks(pks: Sequence[int]) -> Iterator[Sequence[int]]:
    return (pks[start : start + CHUNK] for start in range(0, len(pks), CHUNK))


def _moment(stamp: str) -> datetime:
    try:
        return _EPOCH + int(stamp) * _MICROSECOND
    except (ValueError, OverflowError) as error:
        raise CannotDo("That can't be undone any more; look in the trash.") from error


def _takes(count: int) -> str:
    return f"{count:,} take{'' if count == 1 else 's'}"


def _it(count: int) -> str:
    return "it" if count == 1 else "them"


def _they(count: int) -> str:
    return "It stays" if count == 1 else "They stay"

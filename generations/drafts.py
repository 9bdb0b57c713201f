"""The draft: the shot that a person works on, kept as it is typed, and opened again wherever they go on."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from hedra_studio.web import number

from . import remix
from .keeping import NAMES_OF_INPUTS, WORDS, all_of, is_of_shot, without_nul
from .models import Draft, Generation
from .slots import Slot

MOST_BYTES = 64 * 1024
NEW, PROMPT_OF, FROM = "new", "prompt_of", "from"
"""What an address asks for: a blank page; the words of a take; to make something from one."""
UNTOUCHED = "untouched"
_CONTENT = (*WORDS, *NAMES_OF_INPUTS)
Values = dict[str, list[str]]


class NotKept(Exception):
    """Why a draft was not stored, in a sentence for people."""


class Older(NotKept):
    """Something newer is stored already."""


class TooLong(NotKept):
    """More than a draft holds."""


@dataclass(frozen=True)
class Opened:
    """What a page begins with."""

    values: QueryDict
    page: str
    """Shared by the pages that go on with the same draft; another one sets the draft aside."""
    kept_at: datetime | None = None
    is_draft: bool = False
    """Whether it shows the draft as it is stored."""
    is_other: bool = False
    """Whether it is another shot than the draft, which stays until something is changed here."""
    set_aside: bool = False
    """Whether another shot waits to be brought back."""


@dataclass(frozen=True)
class Stored:
    """What storing a draft came to."""

    changed: bool
    set_aside: bool
    """Whether another shot waits to be brought back."""


# Opening


def opened(query: QueryDict, owner: User) -> Opened:
    """The draft, under whatever the address says: that wins, and a whole shot needs nothing of the draft."""
    draft = Draft.objects.filter(owner=owner).first() or Draft(owner=owner)
    asked = _with_words(query, owner)
    if NEW in asked:
        return _anew(QueryDict(mutable=True), draft)
    if _is_whole(asked):
        return _anew(asked, draft)
    return Opened(
        _laid_over(asked, draft) if asked else _query(readable(draft.values)),
        page=_page_of(draft),
        kept_at=draft.updated if draft.pk and has_content(readable(draft.values)) else None,
        is_draft=not asked,
        set_aside=has_content(readable(draft.before)),
    )


def _anew(values: QueryDict, draft: Draft) -> Opened:
    return Opened(values, _new_page(), is_other=True, set_aside=has_content(readable(draft.values)))


def _new_page() -> str:
    return str(uuid.uuid4())


def _page_of(draft: Draft) -> str:
    return draft.page or _new_page()


def readable(values: Any) -> Values:
    """What of the stored values is what it should be."""
    if not isinstance(values, dict):
        return {}
    return {
        name: [text for text in texts if isinstance(text, str)]
        for name, texts in values.items()
        if is_of_shot(name) and isinstance(texts, list)
    }


def _query(values: Mapping[str, list[str]]) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, texts in values.items():
        query.setlist(name, texts)
    return query


def _with_words(query: QueryDict, owner: User) -> QueryDict:
    """The query with the words of the take that it names, which an address would be too short for."""
    asked = query.copy()
    if take := _named(asked, PROMPT_OF, owner):
        asked["prompt"] = take.prompt
    if take := _named(asked, remix.WORDS_OF, owner):
        for name, texts in remix.words(take).lists():
            asked.setlist(name, texts)
    return asked


def _named(asked: QueryDict, name: str, owner: User) -> Generation | None:
    """The person's own take that the query names, and no longer does."""
    pk = number(next(reversed(asked.pop(name, [])), ""))
    return None if pk is None else Generation.objects.owned_by(owner).filter(pk=pk).first()


def _is_whole(asked: QueryDict) -> bool:
    """Whether the address names a shot of its own, as that of another take does, and not only a model."""
    names_more_than_words = any(name not in WORDS for name in asked)
    return FROM in asked or (names_more_than_words and any(name in asked for name in WORDS))


def _laid_over(asked: QueryDict, draft: Draft) -> QueryDict:
    """A chosen model goes on with the draft's words and inputs; words alone, with all the rest of it."""
    names_only_words = all(name in WORDS for name in asked)
    names_inputs = any(name in NAMES_OF_INPUTS for name in asked)
    for name, texts in readable(draft.values).items():
        wanted = name in WORDS or (name in NAMES_OF_INPUTS and not names_inputs)
        if name not in asked and (wanted or names_only_words):
            asked.setlist(name, texts)
    return asked


# Keeping


def values_of(data: QueryDict, slots: Iterable[Slot] = ()) -> Values:
    """What of a sent form belongs to the shot; files that came with it are in the slots."""
    values = {
        without_nul(name): [without_nul(text) for text in all_of(data, name)]
        for name in data
        if is_of_shot(name)
    }
    return values | {slot.field_name: [str(asset.pk) for asset in slot.assets] for slot in slots}


def keep(owner: User, data: QueryDict, slots: Iterable[Slot] = ()) -> Stored:
    """Store a sent form as the draft. Raises NotKept.

    `draft_changed` says when its last change was made, by this server's clock: what another page has stored
    since is newer. `draft_page` tells another shot, which sets this one aside, from the next change of it."""
    moment = data.get("draft_changed", "")
    if moment == UNTOUCHED:
        raise Older("Nothing was changed here.")
    page = without_nul(data.get("draft_page", ""))[:36]
    return put(owner, values_of(data, slots), page, _time(moment))


def put(owner: User, values: Values, page: str = "", changed: datetime | None = None) -> Stored:
    """Store these values as the draft of the page, or of the present one. Raises NotKept."""
    _hold_short(values)
    changed = changed or timezone.now()
    with transaction.atomic():
        draft, is_new = Draft.objects.select_for_update().get_or_create(owner=owner)
        is_same = draft.values == values and page in ("", draft.page)
        if not is_same:
            if changed < draft.updated and not is_new:
                raise Older("Newer words are kept already.")
            _replace(draft, values, page or _page_of(draft), changed)
    return Stored(not is_same, has_content(readable(draft.before)))


def _replace(draft: Draft, values: Values, page: str, changed: datetime) -> None:
    if page != draft.page and has_content(readable(draft.values)):
        draft.before = draft.values
    draft.values, draft.page, draft.updated = values, page, changed
    draft.save()


def _time(epoch_ms: str) -> datetime:
    """Never in the future, where it would outlast what is typed after it; now, when it can't be read."""
    now = timezone.now()
    if not (epoch_ms.isascii() and epoch_ms.isdecimal() and len(epoch_ms) < 15):
        return now
    return min(now, datetime.fromtimestamp(int(epoch_ms) / 1000, UTC))


def _hold_short(values: Values) -> None:
    size = sum(
        len(text.encode(errors="replace")) for name, texts in values.items() for text in (name, *texts)
    )
    if size > MOST_BYTES:
        most = MOST_BYTES // 1024
        raise TooLong(f"This is too long to be kept as a draft: {size / 1024:.0f} kB, where {most} kB fit.")


def has_content(values: Mapping[str, list[str]]) -> bool:
    """Whether anything was written or put in: settings alone are soon chosen again."""
    return any(any(texts) for name, texts in values.items() if name in _CONTENT and name != "shot_seconds")


@transaction.atomic
def swap(owner: User) -> bool:
    """Bring the draft back that was set aside, and set this one aside instead; False without one."""
    draft = Draft.objects.select_for_update().filter(owner=owner).first()
    if draft is None or not has_content(readable(draft.before)):
        return False
    draft.values, draft.before, draft.page = draft.before, draft.values, _new_page()
    draft.updated = timezone.now()
    draft.save()
    return True

"""Walking the service's history, whatever its paging does.

Offsets may be ignored without a word, the order is not promised, and many generations may share an instant:
the bounds of time are relied on, and offsets only where nothing else helps.

Source: the paging trap of `GET /generations`; `page_info` tells what the server really did."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from clients.answers import GenerationPage, RemoteGeneration
from clients.hedra import HedraClient

log = logging.getLogger(__name__)

PAGE = 100
ROOMY = 70
"""So many known ones in a span leave room on its page for some that are not."""
Known = Callable[[], list[datetime]]
BEGINNING, END = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
STEPS = (timedelta(seconds=1), timedelta(milliseconds=1), MOMENT)
"""How exactly a service may tell the time; what it knows may be more exact than what it tells."""


@dataclass(frozen=True)
class Step:
    """What one answer brought."""

    new: list[RemoteGeneration]
    """Not seen before on this walk."""
    newest_first: bool
    """Whether what is older comes later. Where it doesn't, a page that is known says nothing of the rest."""


@dataclass(frozen=True)
class Span:
    """A stretch of time to ask about; both bounds are exclusive."""

    after: datetime = BEGINNING
    before: datetime = END
    offset: int = 0

    def ask(self, client: HedraClient) -> GenerationPage:
        """Raises ServiceError."""
        after, before = self.after, self.before
        return client.list_generations(
            limit=PAGE,
            offset=self.offset,
            created_after=None if after == BEGINNING else after,
            created_before=None if before == END else before,
        )

    def holds(self, time: datetime) -> bool:
        """Whether it may belong here; a time that is told less exactly than known may lie on `after`."""
        return self.after <= time < self.before

    def parted(self, cuts: Iterable[datetime]) -> list[Span]:
        """The stretches between those cuts that lie inside, the oldest first; nothing where none does."""
        inside = sorted({cut for cut in cuts if self.after < cut - MOMENT and cut < self.before})
        begins = [self.after, *(cut - MOMENT for cut in inside)]
        return list(map(Span, begins, [*inside, self.before])) if inside else []


def walk(client: HedraClient, known: Known = list) -> Iterator[Step]:
    """Every generation of the account once, in several steps, newest first where the service lists them so.

    `known` tells when those were made that are here already: without an order it helps to part the time.
    Raises ServiceError."""
    seen: set[str] = set()
    spans = [Span()]
    while spans:
        span = spans.pop()
        page = span.ask(client)
        times = [item.created_at for item in page.items if item.created_at]
        new = list({item.id: item for item in page.items if item.id not in seen}.values())
        seen |= {item.id for item in new}
        if new:
            yield Step(new, _is_newest_first(times))
        spans += _rest(span, page, times, known, is_new=bool(new))


def _is_newest_first(times: Sequence[datetime]) -> bool:
    return all(earlier >= later for earlier, later in pairwise(times))


def _rest(
    span: Span, page: GenerationPage, times: Sequence[datetime], known: Known, *, is_new: bool
) -> list[Span]:
    """What of the span is still to be asked about; the last one comes first."""
    if _is_last(page):
        return []
    bounds_count = bool(times) and all(map(span.holds, times))
    parts = _parts(span, times, known) if bounds_count else []
    return parts or _of_one_instant(span, page, times, is_new)


def _is_last(page: GenerationPage) -> bool:
    """A page that is not full. A server that caps pages says so in `limit`."""
    return len(page.items) + page.skipped < min(PAGE, page.limit or PAGE)


def _parts(span: Span, times: Sequence[datetime], known: Known) -> list[Span]:
    """Shorter spans with all that is not known of this one; none when it is as short as an instant."""
    if not _is_newest_first(times):
        return span.parted(known()[ROOMY::ROOMY]) or _halves(span, times)
    # Its oldest instant once more, for rows of it may lie on both pages.
    ends = (min(times) + step for step in _steps(times))
    return [Span(span.after, end) for end in ends if end < span.before][:1]


def _halves(span: Span, times: Sequence[datetime]) -> list[Span]:
    """Without an order, only a page that is not full tells that a span is known: halve it until it is."""
    middle = sorted(times)[len(times) // 2]
    return span.parted([middle]) or span.parted([middle + _steps(times)[0]])


def _of_one_instant(span: Span, page: GenerationPage, times: Sequence[datetime], is_new: bool) -> list[Span]:
    """A page that time can't part: its next page where offsets count, else on with what is older."""
    if page.offset == span.offset and page.limit == PAGE and (is_new or not span.offset):
        return [replace(span, offset=span.offset + len(page.items) + page.skipped)]
    log.warning("history: the service tells no more than %s generations of one instant", len(page.items))
    end = min(filter(span.holds, times), default=span.before)
    return [Span(span.after, end)] if end < span.before else []


def _steps(times: Sequence[datetime]) -> list[timedelta]:
    """From the smallest step of time that these tell apart down to the smallest there is."""
    return [step for step in STEPS if all(time.microsecond % (step // MOMENT) == 0 for time in times)]

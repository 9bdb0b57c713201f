"""The review inbox: takes that nobody has seen, in the order in which they arrived, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import Count, F, Sum
from django.urls import reverse
from django.utils.functional import cached_property

from catalog.services import LABELS
from generations.models import Generation, Verdict
from generations.models.phrases import credits_words
from hedra_studio.web import number

from .cursors import moment_of, parse_cursor

MOST_STEPS = 100


@dataclass(frozen=True)
class Step:
    """One judgement of this sitting: of which take, and what its verdict was before."""

    pk: int
    was: str


class Sitting:
    """One person's way through the inbox. All of it stands in the address or the form: it outlives reloads,
    and needs no script."""

    def __init__(self, after: str = "", steps: tuple[Step, ...] = (), back_at: int = 0) -> None:
        self.after, self.steps, self.back_at = after, steps[-MOST_STEPS:], back_at

    @classmethod
    def of(cls, query: dict[str, str]) -> Sitting:
        """What can't be read is left out."""
        after = query.get("after", "")
        steps = tuple(step for part in query.get("steps", "").split(",") if (step := _step(part)))
        return cls(after if parse_cursor(after) else "", steps, number(query.get("take", "")) or 0)

    @property
    def steps_value(self) -> str:
        return ",".join(f"{step.pk}:{step.was}" for step in self.steps)

    def judged(self, take: Generation, was: str) -> Sitting:
        return Sitting(self.after, (*self.steps, Step(take.pk, was)))

    def undone(self) -> Sitting:
        """Back at the last take that was judged."""
        return Sitting(self.after, self.steps[:-1], self.steps[-1].pk if self.steps else 0)

    def skipped(self, take: Generation) -> Sitting:
        """Past this one, and never back before what was skipped already."""
        if take.finished_at is None:
            return Sitting(self.after, self.steps)
        place, here = parse_cursor(self.after), (take.finished_at, take.pk)
        return Sitting(self.after if place and place > here else moment_of(*here), self.steps)

    def returned(self, after: str) -> Sitting:
        """At the one that follows this place."""
        return Sitting(after, self.steps)

    @property
    def url(self) -> str:
        asked = {"after": self.after, "steps": self.steps_value, "take": self.back_at}
        query = urlencode({name: value for name, value in asked.items() if value}, safe=":,")
        return reverse("review") + (f"?{query}" if query else "")


class Inbox:
    """What waits for one person, at one place of the way through it."""

    def __init__(self, owner: User, sitting: Sitting) -> None:
        self.owner, self.sitting = owner, sitting

    @cached_property
    def _rows(self) -> list[Generation]:
        rows = Generation.objects.owned_by(self.owner).unseen().in_full()
        if place := parse_cursor(self.sitting.after):
            rows = rows.arrived_after(*place)
        return list(rows[:2])

    @cached_property
    def take(self) -> Generation | None:
        """The one to be judged: what an undo came back to, else the first that waits."""
        if self.sitting.back_at:
            mine = Generation.objects.owned_by(self.owner).unseen().in_full()
            if back := mine.filter(pk=self.sitting.back_at).first():
                return back
        return self._rows[0] if self._rows else None

    @property
    def next(self) -> Generation | None:
        """The one after it, whose poster can be fetched meanwhile."""
        return next((row for row in self._rows if self.take and row.pk != self.take.pk), None)

    @cached_property
    def place_words(self) -> str:
        """ "take 2 of 4": which of its shot's it is, for they look alike; "" of the only one."""
        if self.take is None:
            return ""
        mine = Generation.objects.owned_by(self.owner).filter(shot=self.take.shot)
        places = list(mine.order_by().values_list("position", flat=True))
        place = sum(each <= self.take.position for each in places)
        return f"take {place} of {len(places)}" if len(places) > 1 else ""

    @property
    def skip_url(self) -> str:
        return self.sitting.skipped(self.take).url if self.take else ""

    @cached_property
    def back_url(self) -> str:
        """To the one before it that still waits; "" where none does."""
        before = self._before
        after = before[1] if len(before) > 1 else ""  # "" is the start
        return self.sitting.returned(after).url if before else ""

    @property
    def _before(self) -> list[str]:
        """Where the two stand that wait before it, the later first. Past the end: the last two of all."""
        waiting = Generation.objects.owned_by(self.owner).unseen()
        if self.take and self.take.finished_at:
            waiting = waiting.arrived_until(self.take.finished_at, self.take.pk).exclude(pk=self.take.pk)
        elif place := parse_cursor(self.sitting.after):
            waiting = waiting.arrived_until(*place)
        rows = waiting.reverse().values_list("finished_at", "pk")[:2]
        return [moment_of(when, pk) for when, pk in rows if when]

    @cached_property
    def _waiting(self) -> list[tuple[str, int, Decimal | None]]:
        """By service: how many takes wait, and what is known of their charge."""
        waiting = Generation.objects.owned_by(self.owner).unseen().order_by("account__service")
        charged = Sum(F("charged") + F("charged_before"))
        return list(waiting.values_list("account__service").annotate(Count("pk"), sum=charged))

    @property
    def count(self) -> int:
        return sum(count for _, count, _ in self._waiting)

    @property
    def credits_words(self) -> str:
        """ "310 credits waiting" of what is known; those of two services are never added."""
        known = [(name, charged) for name, _, charged in self._waiting if charged]
        if len(known) < 2:
            return "".join(f"{credits_words(sum_)} credit{'s'[sum_ == 1 :]} waiting" for _, sum_ in known)
        told = [f"{credits_words(charged)} of {LABELS[name]}" for name, charged in known]
        return f"credits waiting: {' and '.join(told)}"


def _step(text: str) -> Step | None:
    pk, colon, was = text.partition(":")
    row = number(pk) if colon and was in {"", *Verdict.values} else None
    return Step(row, was) if row else None

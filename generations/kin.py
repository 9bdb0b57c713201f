"""What a take is to other takes: made from one, made into others, one of a shot's or of several models'."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.utils.functional import cached_property

from .models import Generation, GenerationQuerySet

MOST = 12


class Kin:
    """The relatives of a take that its page leads to; deleted ones are not among them."""

    def __init__(self, take: Generation, owner: User) -> None:
        self.take, self.owner = take, owner

    @cached_property
    def source(self) -> Generation | None:
        if self.take.made_from_id is None:
            return None
        return self._mine.filter(pk=self.take.made_from_id).first()

    @cached_property
    def children(self) -> list[Generation]:
        return list(self._mine.filter(made_from=self.take).order_by("created", "pk")[:MOST])

    @cached_property
    def of_shot(self) -> int:
        """How many takes its shot has, itself among them."""
        return Generation.objects.owned_by(self.owner).filter(shot=self.take.shot).count()

    @property
    def _mine(self) -> GenerationQuerySet:
        return Generation.objects.owned_by(self.owner).in_full()

"""What differs between the services when a take is made; the steps themselves are the lifecycle's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from catalog.models import Account
from catalog.services import HOOX
from clients.answers import GenerationState, RemoteGeneration
from generations.models import Generation

from . import hedra, hoox

Answer = RemoteGeneration | GenerationState


class Orders(Protocol):
    """How takes are made at one service; a module of this package. Steps raise ServiceError.

    A step answers the pause before its next try in seconds, or None when the take has moved on."""

    LOOKS_AT_ONCE: int
    """So many takes are claimed for one look."""

    def prepare(self, take: Generation) -> float | None:
        """Make sure that the service can have the inputs."""

    def submit(self, take: Generation) -> float | None:
        """Place the paid order, once."""

    def look(self, account: Account, takes: Sequence[Generation]) -> Callable[[Generation], Answer]:
        """Ask about all these takes as far as one call can; the answer tells, or asks, about each."""

    def next_look_s(self, take: Generation) -> float:
        """When to ask again about a take that runs there."""


def of(account: Account) -> Orders:
    """How takes are made at the account's service."""
    return hoox if account.service == HOOX else hedra

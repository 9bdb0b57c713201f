"""What keeps all processes together within what a service can take."""

from collections.abc import Callable
from typing import Protocol

from clients.errors import ServiceError

Told = Callable[[ServiceError | None], None]
"""Has to be told what came of a request: its error, or None for an answer that is no error."""


class Gate(Protocol):
    """Asked before every single request; counting and sharing are the implementer's."""

    def enter(self) -> Told:
        """Let one request go. Raises Held, with `retry_after`, when it may not go now."""

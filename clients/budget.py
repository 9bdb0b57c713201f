"""What keeps all processes together within a service's limit of requests."""

from typing import Protocol


class Budget(Protocol):
    """Asked before every single request; counting and sharing are the implementer's."""

    def spend(self) -> None:
        """Take one request out of the budget. Raises RateLimited, with `retry_after`, when it is used up."""

    def pause(self, seconds: float) -> None:
        """The service refused a request as one too many: nobody should ask again before so long."""

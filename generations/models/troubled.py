"""What a failed take says: what happened, whether it cost anything, and what trying again costs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.functional import cached_property

from catalog.prices.asked import AskedPrices
from catalog.prices.quoting import Quote, Shot
from catalog.services import HEDRA
from generations import failures

from .phrases import charged_words, credits_words
from .status import Status

if TYPE_CHECKING:
    from datetime import datetime

    from catalog.models import Account, AIModel


class Troubled:
    """Mixin of Generation."""

    if TYPE_CHECKING:
        account: Account
        ai_model: AIModel | None
        body: dict[str, Any]
        charged: Decimal | None
        charged_before: Decimal
        error_code: str
        error_message: str
        error_part: str
        finished_at: datetime | None
        imported: bool
        is_error: bool
        sent_at: datetime | None
        service_id: str

    given_back = Decimal(0)
    """Of what its present order was charged; known where its receipt was read."""

    @property
    def failure(self) -> failures.Failure:
        """With the part of the shot to change, as far as the create page has it."""
        roles = [item.role for item in self.input_set.all()]  # type: ignore[attr-defined]
        only = roles[0] if len(set(roles)) == 1 else ""
        found = failures.explain(self.error_code, self.account.service, self.error_part, only)
        if found.fix == "duration_ms" and not self._has_length:
            found = replace(found, fix="")
        return found if self.can_retry or not self.is_error or found.fix else found.of_elsewhere

    @property
    def _has_length(self) -> bool:
        """Whether its length was asked for, so that a shorter one can be."""
        from generations import requests  # it reads the models of this package

        return bool(requests.read(self.body, "duration_ms") or self.body.get("duration"))

    @property
    def said_words(self) -> str:
        """What our own code noted when it failed; not of an order that may be there after all, as the note
        speaks of one request and not of the order."""
        uncertain = self.error_code in failures.UNCERTAIN and self.sent_at
        return "" if uncertain else self.error_message

    @property
    def wait_s(self) -> int:
        """Seconds that a retry had better wait: as long as the service asks for, else for a moment."""
        failure = self.failure
        if not failure.wait_s or not self.finished_at:
            return 0
        asked = self.account.resting.wait_s if self.account.resting else 0
        ours = failure.wait_s - (timezone.now() - self.finished_at).total_seconds()
        return ceil(max(asked, ours, 0))

    @property
    def short_of(self) -> Decimal | None:
        """What it would cost, where credits were missing and the service tells how many there are."""
        known = self.error_code == failures.NO_CREDITS and self.account.service == HEDRA
        return self.retry_price.credits if known else None

    @property
    def charge_words(self) -> str:
        """Whether a failed take cost anything, said plainly; earlier tries of the card for themselves."""
        if self.service_id and self.charged == 0 and not self.given_back:
            told = f"{self.account.service_label} says that it refunds failed takes."
        else:
            told = charged_words(self.charged, sent=self.sent_at is not None, given_back=self.given_back)
        before = self.charged_before
        return f"{told} Earlier tries cost {credits_words(before)} credits." if before else told

    @property
    def retry_status(self) -> Status:
        if self.error_code == failures.RESULT_UNREADABLE:
            return Status.DOWNLOADING
        if self.error_code in failures.UNCERTAIN and self.sent_at:
            return Status.SUBMITTING
        return Status.PREPARING

    @property
    def retry_price(self) -> Quote:
        """What a retry would be quoted now: nothing, when an order is only looked at or fetched again."""
        asks_only = self.retry_status == Status.SUBMITTING and self.service_id
        if asks_only or self.retry_status == Status.DOWNLOADING:
            return Quote(Decimal(0))
        if self.ai_model is None:
            return Quote(None, unknown="the model is not in the catalog any more")
        return self.asked_prices.to_pay(self.ai_model, self.asked)

    @cached_property
    def asked_prices(self) -> AskedPrices:
        """Where the price of a retry is found, if only the service can tell it; cards of a page share one."""
        return AskedPrices([(self.ai_model, self.asked)] if self.ai_model else [])

    @property
    def asked(self) -> Shot:
        """What decides the price, read from the stored request."""
        from generations import requests  # it reads the models of this package

        held = [(item.role, item.position, item.asset) for item in self.input_set.all()]  # type: ignore[attr-defined]
        return requests.priced(self.account.service, self.body, held)

    @property
    def retry_token(self) -> str:
        """What the button carries to tell whether the price it shows is still the price."""
        return str(self.retry_price.credits)

    @property
    def retry_words(self) -> str:
        """The retry button: "Retry · 35 credits"."""
        credits = self.retry_price.credits
        if credits is None:
            return f"{self.failure.action} · price unknown"
        if not credits:
            return self.failure.action
        # An order that may be there already is looked up first, and then costs nothing more.
        most = "up to " if self.retry_status == Status.SUBMITTING else ""
        return f"{self.failure.action} · {most}{credits_words(credits)} credits"

    @property
    def can_retry(self) -> bool:
        """An imported take has no local inputs to send again; it can only be fetched again."""
        return self.is_error and (not self.imported or self.error_code == failures.RESULT_UNREADABLE)

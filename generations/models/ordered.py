"""A take's order at the service, and what people do about one that failed or got no answer."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from generations import failures

from .asset import Upload
from .failed_try import FailedTry
from .status import By, Status, schedule
from .steps import Stepped
from .troubled import Troubled

if TYPE_CHECKING:
    from django.db.models.fields.files import FieldFile

    from .generation import Generation


_FREE = {"lease_owner": None, "lease_until": None}


class Ordered(Troubled, Stepped):
    """Its ids are reserved before it is sent, so that it can be looked up and is never paid twice."""

    if TYPE_CHECKING:
        account_id: int
        result: FieldFile

    remote_id = models.UUIDField(default=uuid.uuid4, help_text="reserved by us, sent with the request")
    service_id = models.CharField(
        max_length=100, blank=True, help_text="the service's own id, where it takes none from us"
    )
    remote_asset_id = models.UUIDField(null=True, default=uuid.uuid4)
    sent_at = models.DateTimeField(null=True, help_text="when the paid request last left; set before it does")
    missing_since = models.DateTimeField(null=True, help_text="after an unclear order: first 'not found'")
    submitted_at = models.DateTimeField(null=True, help_text="when the service was first known to have it")
    charged_before = models.DecimalField(
        max_digits=12,
        decimal_places=2,
        default=0,
        help_text="credits kept by earlier, failed tries of this card",
    )

    class Meta:
        abstract = True

    @transaction.atomic
    def retry(self, by: By = By.PERSON) -> bool:
        """Start a failed take again on the same card; False if it isn't one that can.

        An outcome that is not certain keeps its reserved ids, so that the service's answer is looked up
        and nothing is paid twice; a paid result that could not be fetched is only fetched again."""
        if not self.can_retry:
            return False
        status, fields = self.retry_status, {"error_code": "", "error_message": "", "finished_at": None}
        if status == Status.PREPARING:
            fields |= self._new_order()
        same = self.row(remote_id=self.remote_id, deleted_at=None)
        changes = {
            "attempts": 0,
            "progress": 0,
            "note": "",
            "missing_since": None,
            "updated": timezone.now(),
            **_FREE,
        }
        if not same.at_step(status, by).update(status=status, **schedule(status), **changes, **fields):
            return False
        if status == Status.PREPARING:
            self._leave_old_order()
        return True

    def fetch_again(self) -> bool:
        """Bring a lost result from the service once more; never made again. False when nothing is lost."""
        lost = self.row(result=self.result).lost()
        fields = {"attempts": 0, "note": "", "gone_at": None, "updated": timezone.now(), **_FREE}
        status = Status.DOWNLOADING
        return bool(lost.at_step(status, By.PERSON).update(status=status, **schedule(status), **fields))

    def turn_up(self, service_id: str, by: By) -> bool:
        """An order without an answer runs at the service; False when there is none, or its answer is known.

        Whoever holds the row loses it, and what people deleted meanwhile comes back: it is paid for.
        Raises IntegrityError when another take has the id."""
        unanswered = ~Q(status=Status.ERROR) | Q(error_code=failures.NOT_RUN)
        order = self.row(remote_id=self.remote_id, service_id="", sent_at__isnull=False)
        now = timezone.now()
        gone = {"error_code": "", "error_message": "", "finished_at": None, "charged": None, "attempts": 0}
        found = {"service_id": service_id, "submitted_at": now, "updated": now, "deleted_at": None, **_FREE}
        rows = order.filter(unanswered).at_step(Status.QUEUED, by)
        return bool(rows.update(status=Status.QUEUED, note="", **schedule(Status.QUEUED), **gone, **found))

    def never_ran(self) -> bool:
        """Someone has looked: the unclear order came to nothing. False when it isn't unclear any more."""
        order = self.row(remote_id=self.remote_id)
        rows, now = order.at_step(Status.ERROR, By.PERSON), timezone.now()
        said = {"error_code": failures.NOT_RUN, "charged": 0, "finished_at": now, "updated": now}
        return bool(rows.update(status=Status.ERROR, **said, **_FREE))

    def _new_order(self) -> dict[str, Any]:
        price = self.retry_price
        return {
            "remote_id": uuid.uuid4(),
            "service_id": "",
            "remote_asset_id": uuid.uuid4(),
            "sent_at": None,
            "submitted_at": None,
            "sha256": "",
            "enhanced_prompt": "",
            "charged": None,
            "charged_before": self.charged_before + (self.charged or 0),
            "quoted": price.credits,
            "arithmetic": price.arithmetic[:200],
        }

    def _leave_old_order(self) -> None:
        """Keep the failed order's id, or the history import would bring it as a card of its own.

        If the service could not use something, its copies of the inputs are not believed any more."""
        FailedTry.objects.create(
            generation_id=self.pk,
            account_id=self.account_id,
            remote_id=self.remote_id,
            error_code=self.error_code,
            error_part=self.error_part,
            charged=self.charged,
            was_sent=self.sent_at is not None,
            failed_at=self.finished_at,
        )
        if self.error_code in failures.OF_INPUTS:
            self.doubt_inputs()

    def doubt_inputs(self) -> None:
        """Send them anew before the next order: the service may not have them, whatever it has said."""
        for upload in Upload.objects.of_take(cast("Generation", self)):
            upload.forget()

    def add_earlier_charge(self, credits: Decimal) -> None:
        """What a failed try has cost after all, or has not."""
        self.row().update(charged_before=F("charged_before") + credits, updated=timezone.now())

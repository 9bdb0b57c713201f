"""Generations ("takes" on the pages): one row is one clip being made, and the queue of its own work."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Index, Q
from django.urls import reverse
from django.utils import timezone

from catalog.models import Account, AIModel
from generations import failures, parts

from .asset import Asset, Upload
from .entry import OWED, Entry
from .judged import Judged
from .queryset import SAID, GenerationQuerySet
from .sought import Sought, found_by
from .status import STATES, By, State, Status, StepRefused, may_step, schedule
from .stored import Stored
from .words import TakeWords, charged_words

if TYPE_CHECKING:
    from .keeping import Note

log = logging.getLogger(__name__)

LAST_TRIES = 8
_FREE = {"lease_owner": None, "lease_until": None}


class LeaseLost(Exception):
    """Another worker has taken the row over; whoever held it must stop writing to it."""


class Generation(TakeWords, Stored, Judged, Sought):
    """One take. Its row says what was asked, quoted, charged, and what has to be done next."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="takes")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    ai_model = models.ForeignKey(AIModel, models.SET_NULL, null=True, related_name="takes")
    model_name = models.CharField(max_length=255)
    shot = models.UUIDField(
        default=uuid.uuid4, help_text="shared by the variations of one press of the button"
    )
    position = models.PositiveSmallIntegerField(default=0, help_text="place among the variations")

    type = models.CharField(max_length=40, default="video", help_text="the API's request type")
    prompt = models.TextField(blank=True)
    enhanced_prompt = models.TextField(
        blank=True, help_text="what the service made of the prompt, if it says"
    )
    body = models.JSONField(
        default=dict, help_text="the request; complete with ids from the moment it is sent"
    )
    aspect_ratio = models.CharField(max_length=20, blank=True)
    resolution = models.CharField(max_length=40, blank=True)
    inputs: models.ManyToManyField[Asset, Input] = models.ManyToManyField(
        Asset, through="Input", related_name="takes"
    )

    made_from = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="the take it was made from: the draft of a final, the source of an upscale or extension",
    )
    is_final = models.BooleanField(default=False, help_text="the final of the draft that it was made from")
    fan_out = models.UUIDField(
        null=True, blank=True, help_text="shared by the shots of one prompt that went to several models"
    )
    fingerprint = models.CharField(
        max_length=64, blank=True, help_text="of all that was asked: the same shot again has the same"
    )

    remote_id = models.UUIDField(default=uuid.uuid4, help_text="reserved by us, sent with the request")
    service_id = models.CharField(
        max_length=100, blank=True, help_text="the service's own id, where it takes none from us"
    )
    remote_asset_id = models.UUIDField(null=True, default=uuid.uuid4)
    sent_at = models.DateTimeField(null=True, help_text="when the paid request last left; set before it does")
    missing_since = models.DateTimeField(null=True, help_text="after an unclear order: first 'not found'")
    submitted_at = models.DateTimeField(null=True, help_text="when the service was first known to have it")

    status = models.CharField(max_length=12, choices=Status, default=Status.PREPARING)
    progress = models.FloatField(default=0)
    eta_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True, help_text="what holds it up at the moment")
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    error_part = models.CharField(max_length=20, blank=True, help_text="of the shot, as the service named it")

    attempts = models.PositiveIntegerField(default=0, help_text="tries of the present step")
    next_attempt_at = models.DateTimeField(null=True, default=timezone.now, help_text="null = nothing to do")
    deadline_at = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=32, null=True)  # noqa: DJ001 - null keeps it out of the index
    lease_until = models.DateTimeField(null=True)

    quoted = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, help_text="credits; null = unknown"
    )
    arithmetic = models.CharField(max_length=200, blank=True)
    charged = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, help_text="credits; null = unknown"
    )
    charged_before = models.DecimalField(
        max_digits=12,
        decimal_places=2,
        default=0,
        help_text="credits kept by earlier, failed tries of this card",
    )

    imported = models.BooleanField(default=False, help_text="found in the service's history")
    recovered = models.BooleanField(
        default=False, help_text="rescued from the history: given up here, or without a row; see history.py"
    )
    created = models.DateTimeField(default=timezone.now)
    updated = models.DateTimeField(default=timezone.now, help_text="last change that a page would show")
    finished_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = GenerationQuerySet.as_manager()

    class Meta(Stored.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["account", "remote_id"], name="take_once_per_account"),
            models.UniqueConstraint(fields=["owner", "shot", "position"], name="take_once_per_shot"),
            models.UniqueConstraint(
                fields=["account", "service_id"], condition=~Q(service_id=""), name="take_once_per_service_id"
            ),
        ]
        indexes = [
            Index(
                "owner", F("created").desc(), F("id").desc(), name="take_newest", condition=Q(deleted_at=None)
            ),
            Index("account", "next_attempt_at", name="take_due", condition=Q(next_attempt_at__isnull=False)),
            Index(
                "owner",
                "next_attempt_at",
                name="take_running",
                condition=Q(next_attempt_at__isnull=False),
            ),
            Index("lease_owner", name="take_lease", condition=Q(lease_owner__isnull=False)),
            Index(
                "owner", "fingerprint", F("created").desc(), name="take_same", condition=~Q(fingerprint="")
            ),
            Index("owner", "fan_out", name="take_fan_out", condition=Q(fan_out__isnull=False)),
            Index("account", "sent_at", name="take_uncharged", condition=Q(charged__isnull=True)),
            Index("account", "submitted_at", name="take_submitted", condition=Q(submitted_at__isnull=False)),
            *found_by(),
            Index("owner", "finished_at", "id", name="take_unseen", condition=Q(unseen=True)),
            # All that learning.py sums up, so that a year of takes is summed without reading their rows.
            Index(
                fields=[
                    *("owner", "account", "ai_model", "model_name", "status", "favorite", "verdict"),
                    *("deleted_at", "charged", "charged_before", "sent_at", "id"),
                ],
                name="take_learnt",
            ),
        ]

    def __str__(self) -> str:
        return f"take {self.pk} ({self.status})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Books what it changes of what is owed, as every other way of writing a take does."""
        only = kwargs.get("update_fields")
        if only is not None and SAID.intersection(only):
            kwargs["update_fields"] = {*only, "words"}
        with transaction.atomic():
            super().save(*args, **kwargs)
            if only is None or OWED.intersection(only):
                Entry.objects.book(Generation.objects.filter(pk=self.pk), quotes=True)

    def get_absolute_url(self) -> str:
        return reverse("take", args=[self.pk])

    @property
    def receipt(self) -> list[Entry]:
        """Its lines of the ledger, in the order in which they became known."""
        return list(self.entries.order_by("pk"))

    @property
    def remarks(self) -> list[Note]:
        """Its notes: those about the whole, then along the clip; databases differ in where null goes."""
        return list(self.notes.order_by(F("at_ms").asc(nulls_first=True), "pk"))

    @property
    def name_there(self) -> str:
        """What its result is called at a service that takes no ids from us."""
        return f"hedra-studio-{self.remote_id}"

    @property
    def log_facts(self) -> dict[str, object]:
        """What a log line of it is about."""
        return {"take": self.pk, **self.account.log_facts}

    def follows_a_preparing_take(self) -> bool:
        """Whether an earlier take of the same press is still about to send the inputs that they share."""
        press = Q(shot=self.shot) | (Q(fan_out=self.fan_out) if self.fan_out else Q())
        mine = Generation.objects.filter(press, owner=self.owner_id, account=self.account_id)
        never = {"deleted_at__isnull": False, "sent_at": None}  # deleted before it was ordered
        return mine.filter(pk__lt=self.pk, status=Status.PREPARING).exclude(**never).exists()

    # Writing: only by these, each saving just its own fields, so page and worker don't overwrite each other.

    def write(self, **fields: Any) -> None:
        """Save a step's outcome while holding the lease; LeaseLost if someone else has the row now."""
        fields.setdefault("updated", timezone.now())
        held = Generation.objects.filter(pk=self.pk, lease_owner=self.lease_owner, status=self.status)
        if not self.lease_owner or not held.update(**fields):
            raise LeaseLost(f"take {self.pk}")
        for name, value in fields.items():
            setattr(self, name, value)

    def enter(self, status: Status, **fields: Any) -> None:
        """Go to another status: a fresh attempt count, deadline and no note. The lease is kept.

        Raises StepRefused when the table of states knows no such step of a worker's."""
        if not may_step(self.status, status, By.WORKER):
            raise StepRefused(f"take {self.pk}: {self.status} → {status}")
        before, code = self.status, fields.get("error_code", "")
        self.write(status=status, attempts=0, note="", missing_since=None, **schedule(status), **fields)
        log.info("%s → %s%s", before, status, f" ({code})" if code else "")

    def fail(self, code: str, message: str, said: str = "", **fields: Any) -> None:
        """`message` is a sentence of ours for people, or "". `said` is what the service wrote: read for the
        part of the shot that it names, and not kept."""
        roles = self.input_set.values_list("role", flat=True) if said else ()
        gone = {"eta_at": None, "finished_at": timezone.now(), "error_part": parts.named(said, roles)}
        self.enter(Status.ERROR, **fields | gone, error_code=code[:40], error_message=message)

    def release(self, pause_s: float = 0) -> None:
        """Give the row back; if it has something to do still, it is due again after `pause_s` seconds."""
        due = timezone.now() + timedelta(seconds=pause_s) if self.is_running else None
        self.write(lease_owner=None, lease_until=None, next_attempt_at=due, updated=self.updated)

    @property
    def state(self) -> State:
        """What the table says of where it is."""
        return STATES[Status(self.status)]

    @property
    def is_overdue(self) -> bool:
        return bool(self.deadline_at and timezone.now() > self.deadline_at)

    @property
    def is_hopeless(self) -> bool:
        """Overdue and tried enough: a machine that slept past the deadline gets its tries when it wakes."""
        return self.is_overdue and self.attempts >= LAST_TRIES

    def set_favorite(self, favorite: bool) -> None:
        self.favorite = favorite
        self.save(update_fields=["favorite"])

    def judge(self, **opinion: Any) -> None:
        """What somebody thinks of it: `rating`, `verdict`. What was judged has been seen."""
        self._say(**{"unseen": False, **opinion})

    def see(self) -> bool:
        """Somebody has opened it; True when nobody had before."""
        if not (self.unseen and self.is_complete):
            return False
        self._say(unseen=False)
        return True

    def _say(self, **opinion: Any) -> None:
        """Only these columns: a worker may hold the row."""
        opinion["updated"] = timezone.now()
        Generation.objects.filter(pk=self.pk).update(**opinion)
        for name, value in opinion.items():
            setattr(self, name, value)

    def delete_softly(self) -> bool:
        """Hide the take, keeping its ids so that the history import doesn't bring it back.

        False while it runs: the service can't cancel it, so it will cost what it costs."""
        now = timezone.now()
        rows = Generation.objects.filter(pk=self.pk, deleted_at=None)
        if self.account.is_current:
            rows = rows.filter(next_attempt_at=None)
        return bool(rows.update(deleted_at=now, updated=now))

    def restore(self) -> None:
        """Out of the trash, unless its time there has been ended meanwhile."""
        rows = Generation.objects.filter(pk=self.pk, deleted_at=self.deleted_at)
        rows.update(deleted_at=None, updated=timezone.now())

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
        same = Generation.objects.filter(pk=self.pk, remote_id=self.remote_id, deleted_at=None)
        changes = {
            "attempts": 0,
            "progress": 0,
            "note": "",
            "missing_since": None,
            "updated": timezone.now(),
            "lease_owner": None,
            "lease_until": None,
        }
        if not same.at_step(status, by).update(status=status, **schedule(status), **changes, **fields):
            return False
        if status == Status.PREPARING:
            self._leave_old_order()
        return True

    def fetch_again(self) -> bool:
        """Bring a lost result from the service once more; never made again. False when nothing is lost."""
        lost = Generation.objects.lost().filter(pk=self.pk, result=self.result)
        fields = {"attempts": 0, "note": "", "gone_at": None, "updated": timezone.now(), **_FREE}
        status = Status.DOWNLOADING
        return bool(lost.at_step(status, By.PERSON).update(status=status, **schedule(status), **fields))

    def turn_up(self, service_id: str, by: By) -> bool:
        """An order without an answer runs at the service; False when there is none, or its answer is known.

        Whoever holds the row loses it, and what people deleted meanwhile comes back: it is paid for.
        Raises IntegrityError when another take has the id."""
        unanswered = ~Q(status=Status.ERROR) | Q(error_code=failures.NOT_RUN)
        order = {"pk": self.pk, "remote_id": self.remote_id, "service_id": "", "sent_at__isnull": False}
        now = timezone.now()
        gone = {"error_code": "", "error_message": "", "finished_at": None, "charged": None, "attempts": 0}
        found = {"service_id": service_id, "submitted_at": now, "updated": now, "deleted_at": None, **_FREE}
        rows = Generation.objects.filter(unanswered, **order).at_step(Status.QUEUED, by)
        return bool(rows.update(status=Status.QUEUED, note="", **schedule(Status.QUEUED), **gone, **found))

    def never_ran(self) -> bool:
        """Someone has looked: the unclear order came to nothing. False when it isn't unclear any more."""
        order = Generation.objects.filter(pk=self.pk, remote_id=self.remote_id)
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
            generation=self,
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
        for upload in Upload.objects.of_take(self):
            upload.forget()


class FailedTry(models.Model):
    """An order of a card that was retried after it had failed for good."""

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="failed_tries")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    remote_id = models.UUIDField()
    error_code = models.CharField(max_length=40, blank=True)
    charged = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, help_text="credits; null = unknown"
    )
    error_part = models.CharField(max_length=20, blank=True)
    was_sent = models.BooleanField(default=True)
    failed_at = models.DateTimeField(null=True)
    retried_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "remote_id"], name="failed_try_once")]

    def __str__(self) -> str:
        return f"{self.remote_id} of take {self.generation_id}"

    @property
    def why(self) -> str:
        return failures.explain(self.error_code, part=self.error_part).title

    @property
    def charge_words(self) -> str:
        return charged_words(self.charged, sent=self.was_sent)

    @transaction.atomic
    def settle(self, charged: Decimal) -> None:
        """The charge of this try has become known: once only, it joins those of the card."""
        if FailedTry.objects.filter(pk=self.pk, charged=None).update(charged=charged):
            self._add_to_card(charged)

    @transaction.atomic
    def disown(self) -> None:
        """This order did not fail after all: it becomes a card of its own, its charge goes there. Once."""
        if FailedTry.objects.filter(pk=self.pk).delete()[0]:
            self._add_to_card(-(self.charged or Decimal(0)))

    def _add_to_card(self, credits: Decimal) -> None:
        """Booked as this order's, not as the card's present one."""
        Entry.objects.charge(self.generation, self.remote_id, credits, self.retried_at)
        card = Generation.objects.filter(pk=self.generation_id)
        card.update(charged_before=F("charged_before") + credits, updated=timezone.now())


class Input(models.Model):
    """What an asset is to a take: its start frame, its second reference image, its third speaker."""

    class Role(models.TextChoices):
        START_FRAME = "start_frame"
        END_FRAME = "end_frame"
        AUDIO = "audio"
        VIDEO = "video"
        IMAGE = "image"
        REFERENCE_IMAGE = "reference_image"
        REFERENCE_VIDEO = "reference_video"
        REFERENCE_AUDIO = "reference_audio"
        ELEMENT = "element"

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="input_set")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    position = models.PositiveSmallIntegerField(default=0, help_text="order among the inputs of its role")

    class Meta:
        ordering = ["role", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["generation", "role", "position"], name="one_input_per_role_and_position"
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} of take {self.generation_id}"

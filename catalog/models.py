"""Accounts at the services, and the AI models each of them offers, mirrored field by field."""

import hashlib
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from django.http import HttpRequest
from django.utils import timezone

from catalog import durations, inputs, quoting
from catalog.inputs import InputSlot
from catalog.makers import maker_of
from catalog.words import eta_words, kind_label, range_words, ratio_value, resolution_words
from clients.errors import ServiceError, Unavailable
from clients.hedra import HedraClient
from clients.http import READ_RETRIES

BALANCE_CONNECT_S = 1
BALANCE_READ_S = 2


class NotConnected(Unavailable):
    """The account's key is not the one in use; what it holds can be reached again once it is put back."""


def fingerprint(base_url: str, api_key: str) -> str:
    """Tells keys apart without keeping them."""
    return hashlib.sha256(f"{base_url}{api_key}".encode()).hexdigest()[:16]


class AccountManager(models.Manager["Account"]):
    def current(self) -> "Account":
        """The account of the key in use. One query; a key seen for the first time gets its row."""
        account, _ = self.get_or_create(
            service="hedra", fingerprint=current_fingerprint(), defaults={"sandbox": settings.SANDBOX}
        )
        return account

    def of_request(self, request: HttpRequest) -> "Account":
        """The current account with its `models_offered`; one query however many parts of a page ask."""
        known: Account | None = request.__dict__.get("_account")
        if known is None:
            offered = Count("models", filter=Q(models__retired_at=None))
            mine = self.annotate(offered=offered).filter(fingerprint=current_fingerprint())
            known = mine.filter(service="hedra").first() or self.current()
            request.__dict__["_account"] = known
        return known


def current_fingerprint() -> str:
    """The sandbox stays the same account when only its port has changed."""
    return fingerprint("sandbox" if settings.SANDBOX else settings.HEDRA_URL, settings.HEDRA_KEY)


class Account(models.Model):
    """A key at a service: its credits, its catalog, its history. The key itself is never stored."""

    service = models.CharField(max_length=20, default="hedra")
    fingerprint = models.CharField(max_length=16)
    sandbox = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)

    synced_at = models.DateTimeField(null=True, blank=True)
    sync_tried_at = models.DateTimeField(null=True, blank=True)
    sync_error = models.TextField(blank=True)
    sync_report = models.JSONField(default=dict, blank=True)

    balance = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    balance_at = models.DateTimeField(null=True, blank=True)
    balance_tried_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[AccountManager] = AccountManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "fingerprint"], name="account_key_once")]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return "Hedra sandbox" if self.sandbox else "Hedra"

    @property
    def models_offered(self) -> int:
        """How many AI models can be used now; already counted on a request's account."""
        counted: int | None = self.__dict__.get("offered")
        return self.models.filter(retired_at=None).count() if counted is None else counted

    @property
    def is_current(self) -> bool:
        return self.fingerprint == current_fingerprint()

    def client(
        self, *, connect_timeout: float = 5, read_timeout: float = 30, retries: int = READ_RETRIES
    ) -> HedraClient:
        """Raises NotConnected when another key is in use now."""
        if not self.is_current:
            raise NotConnected(f"This was made with another {self.label} key. Put that key back to go on.")
        return HedraClient(
            settings.HEDRA_URL,
            settings.HEDRA_KEY,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            retries=retries,
        )

    def refresh_balance(self, max_age_s: float = 15) -> int | None:
        """The credits left, asked for at most every `max_age_s` by all processes; None while unknown.

        Never raises: when the service can't say, the last known figure stays, and `balance_at` tells its age.
        """
        if self._may_ask_balance(max_age_s):
            try:
                # Short of breath: a page may be waiting, and the last known figure serves nearly as well.
                client = self.client(
                    connect_timeout=BALANCE_CONNECT_S, read_timeout=BALANCE_READ_S, retries=0
                )
                self._keep_balance(client.credits().remaining)
            except ServiceError:
                self.refresh_from_db(fields=["balance", "balance_at", "balance_tried_at"])
        return self.credits_left

    @property
    def credits_left(self) -> int | None:
        """Whole credits of the last known balance."""
        return None if self.balance is None else int(self.balance)

    def _may_ask_balance(self, max_age_s: float) -> bool:
        """Claims the next look for this process; a failed one counts too, to spare a service that is down."""
        now = timezone.now()
        due = Q(balance_tried_at=None) | Q(balance_tried_at__lte=now - timedelta(seconds=max_age_s))
        return bool(Account.objects.filter(due, pk=self.pk).update(balance_tried_at=now))

    def _keep_balance(self, credits: int | None) -> None:
        """None, of an answer that can't tell, replaces a figure: that one holds no longer."""
        self.balance = None if credits is None else Decimal(credits)
        self.balance_at = None if credits is None else timezone.now()
        self.save(update_fields=["balance", "balance_at"])


_LENGTH_GIVERS = {role: inputs.WORDS[role] for role in (inputs.AUDIO, inputs.VIDEO)}


class AIModelQuerySet(models.QuerySet["AIModel"]):
    def current(self) -> Self:
        """What can be used now, with the key in use."""
        return self.filter(
            account__service="hedra", account__fingerprint=current_fingerprint(), retired_at=None
        )

    def of_account(self, account: Account) -> Self:
        return self.filter(account=account)

    def in_service_order(self) -> Self:
        """As the service wants them shown; what it gives no place comes in the order of its answer."""
        return self.order_by(F("display_order").asc(nulls_last=True), "position", "pk")


class AIModel(models.Model):
    """One entry of a service's catalog. Null means that the service said nothing."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="models")
    remote_id = models.CharField(max_length=200, blank=True)
    slug = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    type = models.CharField(max_length=60, blank=True)
    price_details = models.JSONField(null=True, blank=True)
    pricing = models.JSONField(null=True, blank=True)
    aspect_ratios = models.JSONField(null=True, blank=True)
    aspect_ratio_range = models.JSONField(null=True, blank=True)
    resolutions = models.JSONField(null=True, blank=True)
    default_resolution = models.CharField(max_length=60, blank=True)
    durations = models.JSONField(null=True, blank=True)
    requires_start_frame = models.BooleanField(null=True, blank=True)
    requires_end_frame = models.BooleanField(null=True, blank=True)
    requires_audio_input = models.BooleanField(null=True, blank=True)
    requires_input_video = models.BooleanField(null=True, blank=True)
    requires_character_orientation = models.BooleanField(null=True, blank=True)
    eta_ms = models.BigIntegerField(null=True, blank=True)
    tags = models.JSONField(null=True, blank=True)
    max_duration_ms = models.BigIntegerField(null=True, blank=True)
    custom_resolution = models.BooleanField(null=True, blank=True)
    dimensions = models.JSONField(null=True, blank=True)
    min_prompt_length = models.BigIntegerField(null=True, blank=True)
    max_prompt_length = models.BigIntegerField(null=True, blank=True)
    inputs = models.JSONField(null=True, blank=True)
    logo_url = models.TextField(blank=True)
    premium = models.BooleanField(null=True, blank=True)
    display_order = models.BigIntegerField(null=True, blank=True)
    raw = models.JSONField(default=dict, blank=True)

    position = models.PositiveIntegerField(default=0)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["AIModel"]] = AIModelQuerySet.as_manager()

    # What a page fills in for the shot it prices; not stored.
    quote: quoting.Quote | None = None
    shot_ms: int | None = None
    shot_note: str = ""
    use_query: str = ""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "slug"], condition=~Q(slug=""), name="model_slug_once"
            ),
            models.UniqueConstraint(
                fields=["account", "remote_id"], condition=~Q(remote_id=""), name="model_remote_id_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    # What it is

    @property
    def key(self) -> str:
        """What the service calls it."""
        return self.slug or self.remote_id

    @property
    def maker(self) -> str:
        return maker_of(self.name, self.slug)

    @property
    def logo_letter(self) -> str:
        return next((letter.upper() for letter in self.name if letter.isalnum()), "?")

    @property
    def request_type(self) -> str:
        """The `type` of the request that makes a take with it; the catalog's own type is coarser, or null."""
        if self._needs(inputs.VIDEO):
            moved = self.requires_character_orientation or self._needs(inputs.START_FRAME)
            return "motion_control" if moved else "video_to_video"
        return self.type or ("video" if self.durations or self.slots() else "")

    @property
    def kind(self) -> str:
        """What people look for: "avatar" for video made from audio, else the kind of request."""
        made = self.request_type
        return "avatar" if made == "video" and self._needs(inputs.AUDIO) else made

    @property
    def kind_label(self) -> str:
        return kind_label(self.kind)

    @property
    def can_create(self) -> bool:
        """Whether the studio can make takes with it: video, from what the create page can hold."""
        fillable = {inputs.START_FRAME, inputs.END_FRAME, inputs.AUDIO}
        return self.request_type == "video" and self.required_roles <= fillable

    def payload_key(self) -> dict[str, str]:
        """How a request names it. Never both: nothing says what the service does with two names."""
        return {"model_slug": self.slug} if self.slug else {"ai_model_id": self.remote_id}

    # What it takes

    def slots(self) -> list[InputSlot]:
        """The inputs that a request can fill; reference images are not among them yet."""
        return [slot for slot in self._all_slots() if slot.role != inputs.REFERENCE]

    @property
    def required_roles(self) -> set[str]:
        return {slot.role for slot in self._all_slots() if slot.required}

    @property
    def roles(self) -> set[str]:
        """Whatever it takes, required or not."""
        return {slot.role for slot in self._all_slots()}

    @property
    def needs(self) -> list[str]:
        """What must be given: ["start frame", "audio"], or ["text"] when a prompt is enough."""
        return [slot.word for slot in self._all_slots() if slot.required] or ["text"]

    @property
    def optional_inputs(self) -> list[str]:
        """What may be given besides: ["start frame", "end frame"]."""
        return [slot.word for slot in self._all_slots() if not slot.required]

    @property
    def needs_words(self) -> str:
        """For example: start frame + audio; text · start frame optional."""
        must, may = " + ".join(self.needs), ", ".join(self.optional_inputs)
        return f"{must} · {may} optional" if may else must

    def _needs(self, role: str) -> bool:
        return role in self.required_roles

    def _all_slots(self) -> list[InputSlot]:
        flags = {
            inputs.START_FRAME: self.requires_start_frame,
            inputs.END_FRAME: self.requires_end_frame,
            inputs.AUDIO: self.requires_audio_input,
            inputs.VIDEO: self.requires_input_video,
        }
        return inputs.slots(self.inputs, flags)

    # What it offers

    @property
    def ratios(self) -> list[str]:
        return self.aspect_ratios or []

    def offers_ratio(self, ratio: str) -> bool:
        """Whether a take can have the ratio: named, or within the range of start images it follows."""
        value, ends = ratio_value(ratio), self.aspect_ratio_range
        return ratio in self.ratios or bool(value and ends and ends[0] <= value <= ends[1])

    @property
    def ratio_note(self) -> str:
        """What holds beyond the named ratios, or ""."""
        return range_words(self.aspect_ratio_range) if self.aspect_ratio_range else ""

    @property
    def default_resolution_or_first(self) -> str:
        offered = self.resolutions or []
        if self.default_resolution and (not offered or self.default_resolution in offered):
            return self.default_resolution
        return str(offered[0]) if offered else ""

    @property
    def resolution_words(self) -> str:
        return resolution_words(self.resolutions or [])

    @property
    def duration_choices_ms(self) -> list[int]:
        """Ascending; [] means that the length is automatic, or that the service names none."""
        return durations.choices_ms(self.durations)

    @property
    def has_auto_duration(self) -> bool:
        """The length follows the audio or video given."""
        return durations.has_auto(self.durations) or bool(self.length_source and not self.duration_choices_ms)

    @property
    def length_source(self) -> str:
        """Whose length decides: "audio", "video", or "" when people choose it."""
        if self.duration_choices_ms:
            return ""
        return next((word for role, word in _LENGTH_GIVERS.items() if self._needs(role)), "")

    @property
    def longest_ms(self) -> int | None:
        """The longest take, where the service says so."""
        return max(self.duration_choices_ms, default=None) or self.max_duration_ms

    @property
    def durations_words(self) -> str:
        """ "4, 6, 8 s", "3–15 s", "auto · to 10 min"."""
        return durations.words(
            self.duration_choices_ms, auto=self.has_auto_duration, longest_ms=self.max_duration_ms
        )

    @property
    def eta_words(self) -> str:
        return eta_words(self.eta_ms)

    # What it costs

    @property
    def rate_words(self) -> str:
        """ "7 cr/s", or "" when unknown."""
        return quoting.rate_words(self)

    def price(self, shot: quoting.Shot) -> quoting.Quote:
        return quoting.quote(self, shot)

"""The AI models that a service offers, mirrored field by field."""

import re
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from catalog import inputs
from catalog.inputs import InputSlot
from catalog.models.account import Account, in_use
from catalog.models.logo import Logo
from catalog.prices import durations, quoting
from catalog.services import PRICED_BY_CALL
from catalog.words import eta_words, kind_label, range_words, ratio_value, resolution_words

_STILL = frozenset({inputs.START_FRAME, inputs.REFERENCE})
CREATABLE: dict[str, frozenset[str]] = {
    "video": frozenset({inputs.START_FRAME, inputs.END_FRAME, inputs.AUDIO, inputs.VIDEO, inputs.REFERENCE}),
    "motion_control": frozenset({inputs.VIDEO, inputs.START_FRAME}),
    "video_to_video": frozenset({inputs.VIDEO, inputs.REFERENCE}),
    "video_upscale": frozenset({inputs.VIDEO}),
    "image": _STILL,
    "image_to_image": _STILL,
    "image_upscale": frozenset({inputs.IMAGE}),
    "text_to_speech": frozenset(),
    "speech_to_speech": frozenset({inputs.AUDIO}),
    "text_to_sound": frozenset(),
    "audio_isolation": frozenset({inputs.AUDIO}),
    "voice_clone": frozenset({inputs.AUDIO}),
}
"""The request types of Hedra's contract that the studio can fill, with the inputs that each takes."""
_LENGTH_GIVERS = {role: inputs.WORDS[role] for role in (inputs.AUDIO, inputs.VIDEO)}


class AIModelQuerySet(models.QuerySet["AIModel"]):
    def current(self) -> Self:
        """What can be used now, with the keys in use."""
        return self.filter(in_use("account__"), retired_at=None)

    def in_service_order(self) -> Self:
        """As the service wants them shown; what it gives no place comes in the order of its answer."""
        return self.order_by(F("display_order").asc(nulls_last=True), "position", "pk")


class AIModel(models.Model):
    """One entry of a service's catalog. Null means that the service said nothing.

    What follows from its columns is worked out once: it doesn't follow a row that is being changed.
    """

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
    logo = models.ForeignKey(Logo, models.SET_NULL, null=True, blank=True, related_name="models")
    premium = models.BooleanField(null=True, blank=True)
    display_order = models.BigIntegerField(null=True, blank=True)
    maker = models.CharField(max_length=60, blank=True)
    has_audio = models.BooleanField(null=True, blank=True)
    base_cost = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    default_duration = models.CharField(max_length=60, blank=True)
    default_aspect_ratio = models.CharField(max_length=60, blank=True)
    required_plans = models.JSONField(null=True, blank=True)
    settings = models.JSONField(null=True, blank=True)
    raw = models.JSONField(default=dict, blank=True)
    detail_at = models.DateTimeField(
        null=True, blank=True, help_text="when the service was last asked about this model alone"
    )
    detail_tried_at = models.DateTimeField(null=True, blank=True)
    detail_due = models.BooleanField(default=False)

    position = models.PositiveIntegerField(default=0)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["AIModel"]] = AIModelQuerySet.as_manager()

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
    def logo_letter(self) -> str:
        return next((letter.upper() for letter in self.name if letter.isalnum()), "?")

    @cached_property
    def request_type(self) -> str:
        """The `type` of the request that makes a take with it; the catalog's own type is coarser, or null."""
        made = self.type or ("video" if self.durations or self.all_slots else "")
        if made == "video" and self._needs(inputs.VIDEO) and not self.extends:
            moved = self.requires_character_orientation or self._needs(inputs.START_FRAME)
            return "motion_control" if moved else "video_to_video"
        if made == "image" and self.required_roles & {inputs.REFERENCE, inputs.START_FRAME}:
            return "image_to_image"
        return made

    @cached_property
    def extends(self) -> bool:
        """Whether it goes on where a clip ends: only its tags, modes or name can tell."""
        modes = [str(mode.get("mode")) for mode in self.inputs or [] if isinstance(mode, dict)]
        return any("exten" in text.lower() for text in [*(self.tags or []), *modes, self.key])

    @cached_property
    def takes_several_shots(self) -> bool:
        """Whether it cuts from prompt to prompt (`multi_prompt`): its tags say so, or that it is a Kling of
        the generation that the API's `shot_type` belongs to."""
        kling = re.search(r"kling[ -](v3|o3)", f"{self.key} {self.name}".lower())
        return self.request_type == "video" and bool("multi-shot" in (self.tags or []) or kling)

    @cached_property
    def kind(self) -> str:
        """What people look for: "avatar" for video made from audio, else the kind of request."""
        made = self.request_type
        return "avatar" if made == "video" and self._needs(inputs.AUDIO) else made

    @property
    def kind_label(self) -> str:
        return kind_label(self.kind)

    @property
    def can_create(self) -> bool:
        """Whether takes can be made with it: the studio knows its request, which takes all that it needs."""
        carried = CREATABLE.get(self.request_type)
        if carried is None or self.needs_not_stated:
            return False
        return self.required_roles <= (inputs.WORDS.keys() if self.is_asked_for_price else carried)

    @property
    def form_key(self) -> str:
        """What forms call it; the service's own choice is no row, and goes by its type."""
        return str(self.pk) if self.pk else f"any-{self.type}"

    def payload_key(self) -> dict[str, str]:
        """How a request names it. Never both: nothing says what the service does with two names."""
        if self.type == "voice_clone" or not self.key:
            return {}
        return {"model_slug": self.slug} if self.slug else {"ai_model_id": self.remote_id}

    # What it takes

    @cached_property
    def required_roles(self) -> set[str]:
        return {slot.role for slot in self.all_slots if slot.required}

    @cached_property
    def roles(self) -> set[str]:
        """Whatever it takes, required or not."""
        return {slot.role for slot in self.all_slots}

    @property
    def needs(self) -> list[str]:
        """What must be given: ["start frame", "audio"], or ["text"] when a prompt is enough."""
        return [slot.word for slot in self.all_slots if slot.required] or ["text"]

    @property
    def optional_inputs(self) -> list[str]:
        """What may be given besides: ["start frame", "end frame"]."""
        return [slot.word for slot in self.all_slots if not slot.required]

    @cached_property
    def needs_words(self) -> str:
        """For example: start frame + audio; text · start frame optional."""
        if self.needs_not_stated:
            return "not stated"
        must, may = " + ".join(self.needs), ", ".join(self.optional_inputs)
        return f"{must} · {may} optional" if may else must

    @cached_property
    def least_images(self) -> int:
        """How many reference images every take is made from."""
        references = (slot for slot in self.all_slots if slot.role == inputs.REFERENCE)
        return sum(slot.min_count for slot in references if slot.required)

    @property
    def needs_not_stated(self) -> bool:
        """Of a service that tells it only when asked about the model alone: not asked yet, or not told."""
        return self.is_asked_for_price and (self.detail_at is None or self.inputs is None)

    def _needs(self, role: str) -> bool:
        return role in self.required_roles

    @cached_property
    def all_slots(self) -> list[InputSlot]:
        flags = {
            inputs.START_FRAME: self.requires_start_frame,
            inputs.END_FRAME: self.requires_end_frame,
            inputs.AUDIO: self.requires_audio_input,
            inputs.VIDEO: self.requires_input_video,
        }
        return inputs.slots(self.inputs, flags) or inputs.OF_TYPE.get(self.type, [])

    # What it offers

    @cached_property
    def ratios(self) -> list[str]:
        return self.aspect_ratios or []

    @cached_property
    def usual_ratio(self) -> str:
        """What is made when nobody says: the service's own choice, else wide, else the first on offer."""
        wanted = (self.default_aspect_ratio, "16:9")
        return next((ratio for ratio in wanted if ratio in self.ratios), next(iter(self.ratios), ""))

    def offers_ratio(self, ratio: str) -> bool:
        """Whether a take can have the ratio: named, or within the range of start images it follows."""
        value, ends = ratio_value(ratio), self.aspect_ratio_range
        return ratio in self.ratios or bool(value and ends and ends[0] <= value <= ends[1])

    @property
    def ratio_note(self) -> str:
        """What holds beyond the named ratios, or ""."""
        return range_words(self.aspect_ratio_range) if self.aspect_ratio_range else ""

    @cached_property
    def default_resolution_or_first(self) -> str:
        offered = self.resolutions or []
        if self.default_resolution and (not offered or self.default_resolution in offered):
            return self.default_resolution
        return str(offered[0]) if offered else ""

    @cached_property
    def resolution_words(self) -> str:
        return resolution_words(self.resolutions or [])

    @cached_property
    def duration_choices_ms(self) -> list[int]:
        """Ascending; [] means that the length is automatic, or that the service names none."""
        return durations.choices_ms(self.durations)

    @property
    def has_auto_duration(self) -> bool:
        """The length follows the audio or video given."""
        return durations.has_auto(self.durations) or bool(self.length_source and not self.duration_choices_ms)

    @cached_property
    def length_source(self) -> str:
        """Whose length decides: "audio", "video", or "" when people choose it."""
        if self.duration_choices_ms:
            return ""
        return next((word for role, word in _LENGTH_GIVERS.items() if self._needs(role)), "")

    @cached_property
    def makes_lengths(self) -> bool:
        """Whether what it makes has a length."""
        return self.kind not in ("image", "image_to_image", "image_upscale")

    @cached_property
    def makes_sound(self) -> bool | None:
        """None where the service doesn't say; a price for sound says that there is sound."""
        if self.has_audio is not None or self._needs(inputs.AUDIO):
            return self.has_audio is not False
        return True if quoting.prices_sound(self) else None

    @cached_property
    def longest_ms(self) -> int | None:
        """The longest take, where the service says so."""
        return max(self.duration_choices_ms, default=None) or self.max_duration_ms

    @cached_property
    def durations_words(self) -> str:
        """ "4, 6, 8 s", "3–15 s", "auto · to 10 min"."""
        return durations.words(
            self.duration_choices_ms, auto=self.has_auto_duration, longest_ms=self.max_duration_ms
        )

    @property
    def eta_words(self) -> str:
        return eta_words(self.eta_ms)

    # What it costs

    @cached_property
    def pricing_rate(self) -> quoting.Rate | None:
        return quoting.pricing_rate(self.pricing)

    @cached_property
    def rate_words(self) -> str:
        """ "7 cr/s", or "" when unknown."""
        return quoting.rate_words(self)

    @cached_property
    def is_asked_for_price(self) -> bool:
        """Whether only the service itself can say what a shot costs."""
        return self.account.service in PRICED_BY_CALL

    def price(self, shot: quoting.Shot) -> quoting.Quote:
        return quoting.quote(self, shot)

"""What the services answer, as types, built by `clients.*_answers`; None means "not said".

Nested parts of an AI model stay plain dictionaries, so that they can be stored as they are; their
shapes are the TypedDicts below and hold only well-typed entries.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, NotRequired, TypedDict

RemoteStatus = Literal["queued", "processing", "finalizing", "complete", "error"]

STATUS_WORDS: dict[str, RemoteStatus] = {
    "queued": "queued",
    "pending": "queued",
    "in_queue": "queued",
    "processing": "processing",
    "in_progress": "processing",
    "finalizing": "finalizing",
    "complete": "complete",
    "completed": "complete",
    "succeeded": "complete",
    "success": "complete",
    "error": "error",
    "errored": "error",
    "failed": "error",
    "failure": "error",
}


def normalise_status(word: str | None) -> RemoteStatus:
    """The closed set of words for any spelling; an unknown word means "still running"."""
    return STATUS_WORDS.get((word or "").strip().lower(), "processing")


class PriceDetails(TypedDict):
    """The older price form: `credit_cost` credits for each `unit_scale` units of `billing_unit`."""

    credit_cost: int | float | None
    unit_scale: int | float | None
    billing_unit: str | None


class Pricing(TypedDict):
    """ceil((base_cost + credits_per_second × seconds) × Π modifiers); a missing modifier is 1."""

    base_cost: int | float | None
    credits_per_second: int | float | None
    modifiers: dict[str, dict[str, int | float]]


class InputSlot(TypedDict):
    """One input of a mode, e.g. the start frame, with its limits."""

    type: str
    role: str
    required: bool
    min_count: NotRequired[int]
    max_count: int
    max_file_size_bytes: int | None
    min_dimension_px: int | None
    max_dimension_px: int | None
    min_duration_ms: int | None
    max_duration_ms: int | None
    max_total_duration_ms: int | None
    name: NotRequired[str]
    """The field of a request that it fills, where each service names its own."""


class InputMode(TypedDict):
    """One way to feed a model; modes exclude each other."""

    mode: str
    slots: list[InputSlot]


class ModelSetting(TypedDict):
    """A choice of a model's own, beyond ratio, resolution and length."""

    key: str
    type: Literal["boolean", "select"]
    label: str
    default: bool | str | None
    options: list[str]
    affects_cost: bool


class Size(TypedDict):
    """Pixels of a ratio at a resolution."""

    width: int
    height: int


@dataclass(frozen=True)
class RemoteError:
    """Why a generation failed."""

    code: str
    """The service's error code, e.g. MODERATION_FAILED; UNKNOWN when it gave none."""
    message: str
    """The service's own words, or ''."""


@dataclass(frozen=True)
class AIModel:
    """One entry of the catalog: a model and mode."""

    id: str | None
    """Environment-bound id; null for models that exist only by slug."""
    slug: str | None
    """Stable name, e.g. google/nano-banana; absent on older servers."""
    name: str
    """Name for people."""
    description: str | None
    """A sentence on what the model is good at."""
    type: str
    """What it makes: video, image, …"""
    price_details: PriceDetails | None
    """The older price form."""
    pricing: Pricing | None
    """The newer price form; trusted first."""
    aspect_ratios: list[str] | None
    """Ratios on offer, e.g. 16:9."""
    aspect_ratio_range: list[float] | None
    """[min, max] of width/height of a start image; when set, the ratios are only labels."""
    resolutions: list[str] | None
    """Resolutions on offer, as the service spells them."""
    default_resolution: str | None
    """The resolution taken when none is sent."""
    durations: list[str] | None
    """Lengths on offer, as text in the service's own form: "5000", "5", "5s" or "auto"."""
    requires_start_frame: bool | None
    """Needs a start image; counts only when `inputs` is None."""
    requires_end_frame: bool | None
    """Needs an end image; counts only when `inputs` is None."""
    requires_audio_input: bool | None
    """Needs audio; counts only when `inputs` is None."""
    requires_input_video: bool | None
    """Needs a video; counts only when `inputs` is None."""
    requires_character_orientation: bool | None
    """Needs to be told whose orientation to follow."""
    eta_ms: int | None
    """Average run time in milliseconds."""
    tags: list[str] | None
    """The service's categories."""
    max_duration_ms: int | None
    """Longest output in milliseconds."""
    custom_resolution: bool | None
    """Takes sizes outside `resolutions`."""
    dimensions: dict[str, dict[str, Size]] | None
    """Pixels by ratio and resolution."""
    min_prompt_length: int | None
    """Fewest characters of a prompt."""
    max_prompt_length: int | None
    """Most characters of a prompt."""
    inputs: list[InputMode] | None
    """The input modes; text alone is always possible for a video model."""
    logo_url: str | None
    """An SVG of the maker's logo."""
    premium: bool | None
    """Only on paid plans."""
    display_order: int | None
    """Smaller comes first."""
    raw: dict[str, Any] = field(repr=False)
    """The whole row as it came."""
    maker: str | None = None
    """Who made it, in the service's own word: google, kling, …"""
    has_audio: bool | None = None
    """Makes sound."""
    base_cost: Decimal | None = None
    """Credits for one take with every parameter left at its default."""
    default_duration: str | None = None
    """The length taken when none is sent, as text like `durations`."""
    default_aspect_ratio: str | None = None
    """The ratio taken when none is sent."""
    required_plans: list[str] | None = None
    """The plans that include it, as the service spells them."""
    settings: list[ModelSetting] | None = None
    """Its further choices; a list of models does not tell them."""

    @property
    def key(self) -> str:
        """What tells models apart on every server: the slug, else the id."""
        return self.slug or self.id or ""


@dataclass(frozen=True)
class ModelList:
    """The catalog."""

    models: list[AIModel]
    """The rows that could be read."""
    skipped: int
    """How many rows could not."""
    raw_count: int
    """How many rows came."""


@dataclass(frozen=True)
class RemotePrice:
    """What a service says that a shot costs, in its own credits."""

    cost_per_generation: Decimal
    """Credits for one take."""
    total: Decimal
    """Credits for all of them."""
    count: int
    """How many takes the total is for."""
    duration_ms: int | None
    """The length that was priced, when it is not the one asked for."""
    normalized: dict[str, str]
    """What the service priced instead of what was asked, for people: {"duration": "6 s"}."""


@dataclass(frozen=True)
class RemoteAsset:
    """A file or a voice in the service's library."""

    id: str
    """What requests refer to."""
    type: str
    """image, audio, video, voice, …"""
    name: str
    """Name for people."""
    created_at: datetime | None
    """When it came to be."""
    kind: str | None
    """The inner type: uploaded_image, generated_video, voice, …"""
    url: str | None = field(repr=False)
    """A link that expires."""
    download_url: str | None = field(repr=False)
    """A link to the original file that expires; better than `url`."""
    streaming_url: str | None = field(repr=False)
    """A link for players that know HLS."""
    poster_url: str | None = field(repr=False)
    """A still of a video."""
    preview_url: str | None = field(repr=False)
    """A short sample: of a voice, of a video."""
    thumbnail_url: str | None = field(repr=False)
    """A small image."""
    width: int | None
    """Pixels."""
    height: int | None
    """Pixels."""
    duration_ms: int | None
    """Length in milliseconds."""
    description: str | None
    """A sentence on a voice or asset."""
    is_favorite: bool
    """Marked in the service's own app."""
    labels: dict[str, str]
    """Of a voice: gender, accent, age, language, …"""
    source: str | None
    """Of a voice: who made it."""
    external_id: str | None
    """Of a voice: its id at that maker. Never what requests take."""

    @property
    def media_url(self) -> str | None:
        """The best link to the file itself."""
        return self.download_url or self.url


@dataclass(frozen=True)
class VoiceList:
    """The voices on offer."""

    voices: list[RemoteAsset]
    """The rows that could be read."""
    raw_count: int
    """How many rows came."""


@dataclass(frozen=True)
class CreatedAsset:
    """A place for an upload."""

    id: str
    """The asset's id; the reserved one when we sent one."""
    upload_url: str | None = field(default=None, repr=False)
    """A presigned link to PUT the bytes to; None means the multipart way."""


@dataclass(frozen=True)
class SubmissionItem:
    """One variation of a submission."""

    id: str | None
    """Its generation id; None when this variation failed at submission."""
    asset_id: str | None
    """The future result's asset id."""
    status: RemoteStatus
    """Where it stands."""
    progress: float
    """0 to 1."""
    eta_s: int | None
    """Seconds until it should be ready."""
    created_at: datetime | None
    """When the service took it."""
    error: RemoteError | None
    """Why this variation failed at submission."""


@dataclass(frozen=True)
class Submission:
    """The answer to a submit. The top level shows the first variation that went well: read `items`."""

    generation_id: str | None
    """Generation id of the first good variation; None when all failed."""
    asset_id: str | None
    """Asset id of the same variation."""
    status: RemoteStatus
    """Its status."""
    progress: float
    """0 to 1."""
    eta_s: int | None
    """Seconds until it should be ready."""
    created_at: datetime | None
    """When the service took it."""
    items: list[SubmissionItem]
    """One for each variation, never empty; made from the top level when the server sends none."""
    batch_generation_id: str | None = None
    """What the variations share."""


@dataclass(frozen=True)
class GenerationState:
    """The answer to a look at one generation."""

    id: str
    """The generation."""
    asset_id: str | None
    """Its result's asset id."""
    status: RemoteStatus
    """Where it stands."""
    progress: float
    """0 to 1."""
    url: str | None = field(repr=False)
    """A link to the result that expires; may lag behind the status, null for images."""
    download_url: str | None = field(repr=False)
    """A link to the original result that expires."""
    streaming_url: str | None = field(repr=False)
    """A link for players that know HLS."""
    error: RemoteError | None
    """Why it failed."""
    created_at: datetime | None = None
    """When the service took it."""
    credit_cost: Decimal | None = None
    """The credits it was charged, where this answer tells them."""
    model: str | None = None
    """What makes it, where this answer tells that."""

    @property
    def media_url(self) -> str | None:
        """The best link to the result, if there is one yet."""
        return self.download_url or self.url


@dataclass(frozen=True)
class Started:
    """The answer to an order at a service that takes no ids from us."""

    asset_ids: list[str]
    """The results to come, one for each variation; never empty."""
    cost: Decimal | None
    """Credits for one of them."""


@dataclass(frozen=True)
class RemoteGeneration:
    """One row of the service's history."""

    id: str
    """The generation."""
    type: str
    """What it makes, as an asset type: image, audio, video."""
    input: Mapping[str, Any]
    """The request as it was sent."""
    status: RemoteStatus
    """Where it stands."""
    progress: float
    """0 to 1."""
    eta_s: int | None
    """Seconds until it should be ready."""
    estimated_completion_at: datetime | None
    """When it should be ready; a countdown's anchor."""
    credit_cost: Decimal | None
    """The credits it was charged."""
    batch_generation_id: str | None
    """What the variations of one submission share."""
    asset: RemoteAsset | None
    """The result; only when complete."""
    error: RemoteError | None
    """Why it failed."""
    created_at: datetime | None
    """When the service took it."""
    url: str | None = field(default=None, repr=False)
    """A link of the row itself, where a server sends one."""
    download_url: str | None = field(default=None, repr=False)
    """The same, to the original file."""

    @property
    def media_url(self) -> str | None:
        """The best link to the result, if there is one yet."""
        return self.download_url or self.url or (self.asset.media_url if self.asset else None)

    @property
    def poster_url(self) -> str | None:
        """The best link to a still."""
        return (self.asset.poster_url or self.asset.thumbnail_url) if self.asset else None


@dataclass(frozen=True)
class GenerationPage:
    """A stretch of the history, newest first in practice. Walk back by `created_before`, not by `offset`."""

    items: list[RemoteGeneration]
    """The rows that could be read."""
    limit: int | None
    """The limit the server worked with; unlike ours means that it ignores paging."""
    offset: int | None
    """The offset the server worked with."""
    skipped: int
    """How many rows could not be read."""


@dataclass(frozen=True)
class CreditBalance:
    """What is left to spend, in whole credits."""

    remaining: int | None
    """Credits that a submit can use now; None when the answer can't tell."""
    expiring: int | None
    """Of these, how many will lapse."""
    used: int | None
    """Spent in this period."""

"""What a take says of itself on the pages: words and links, no state of its own."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from math import ceil
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import slugify

from catalog.words import kind_label
from generations.media import limits

from .phrases import about_words, clock_words, credits_words
from .status import TRASH_FOR

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models.fields.files import FieldFile

    from catalog.models import Account

    from .asset import Asset
    from .keeping import Collection

PICTURES_FOLLOW_FOR = timedelta(minutes=10)
"""For so long after its end a video without preview is taken to get one."""
MOST_OFFERED = 100  # names of collections
LONGEST_IN_URL = 1500  # characters of a prompt; servers take addresses of 8,000 bytes

# What a request type makes. "audio" is what the service's own history calls all sound.
_MAKES = {
    "image": ("image", "image_to_image", "image_upscale"),
    "audio": (
        "audio",
        "text_to_speech",
        "text_to_sound",
        "speech_to_speech",
        "audio_isolation",
        "voice_clone",
    ),
    "video": ("video", "video_upscale", "video_to_video", "motion_control"),
}


def types_of(kind: str) -> tuple[str, ...]:
    return _MAKES[kind]


def version_of(updated: datetime) -> str:
    return f"{updated.timestamp():.6f}"


_STATE_WORDS = {
    "preparing": "Preparing",
    "submitting": "Ordering",
    "unclear": "Unclear",
    "queued": "Queued",
    "processing": "Making",
    "finalizing": "Finishing",
    "downloading": "Saving",
    "complete": "Ready",
    "error": "Failed",
}


class TakeWords:
    """Mixin of Generation."""

    if TYPE_CHECKING:
        pk: int
        owner_id: int
        type: str
        prompt: str
        body: dict[str, Any]
        model_name: str
        resolution: str
        status: str
        progress: float
        note: str
        account: Account
        eta_at: datetime | None
        content_type: str
        width: int | None
        height: int | None
        duration_ms: int | None
        quoted: Decimal | None
        charged: Decimal | None
        charged_before: Decimal
        imported: bool
        is_complete: bool
        is_running: bool
        fan_out: UUID | None
        shot: UUID
        remote_asset_id: UUID | None
        submitted_at: datetime | None
        finished_at: datetime | None
        updated: datetime
        deleted_at: datetime | None
        preview: FieldFile
        result: FieldFile

    stack = 1
    """How many takes its shot has with it, where they are shown as one."""

    @property
    def others(self) -> int:
        return self.stack - 1

    @property
    def version(self) -> str:
        """Changes whenever a page would show the take otherwise."""
        return version_of(self.updated)

    @property
    def media_kind(self) -> str:
        """image, audio or video: what the result will be."""
        return next((kind for kind, types in _MAKES.items() if self.type in types), "video")

    @property
    def result_kind(self) -> str:
        """What the file really is, whatever was asked for."""
        found = self.content_type.partition("/")[0]
        return found if found in _MAKES else self.media_kind

    @property
    def makes_a_voice(self) -> bool:
        """Its result is a voice to speak with; a sample of it at most is a file."""
        return self.type == "voice_clone"

    @property
    def is_oversized(self) -> bool:
        """Too large to be decoded here: the file is kept, without a picture of it."""
        return limits.is_oversized(self.width, self.height, self.duration_ms)

    @property
    def state_word(self) -> str:
        return _STATE_WORDS[self.status]

    @property
    def progress_percent(self) -> int:
        return min(100, max(0, round(self.progress * 100)))

    @property
    def note_words(self) -> str:
        """What holds a running take up, or ""."""
        if not self.is_running:
            return ""
        return self.note if self.account.is_current else "Waits for the API key that it was made with."

    @property
    def eta_words(self) -> str:
        if not (self.is_running and self.eta_at) or self.note:
            return ""
        return about_words((self.eta_at - timezone.now()).total_seconds())

    @property
    def took_words(self) -> str:
        """How long it took from the order to the file: "42 s", "2:05 min"; "" where nobody knows."""
        if self.imported or not (self.is_complete and self.submitted_at and self.finished_at):
            return ""
        seconds = round((self.finished_at - self.submitted_at).total_seconds())
        return f"{seconds} s" if seconds < 60 else f"{clock_words(1000 * seconds)} min"

    @property
    def kind_words(self) -> str:
        """What was asked for: "Image upscale"."""
        return kind_label(self.type)

    @property
    def title(self) -> str:
        """What it is called on its card: its words, a voice's name, or else the kind of request."""
        name = self.body.get("name") if self.makes_a_voice else ""
        return self.prompt or (name if isinstance(name, str) else "") or self.kind_words

    @property
    def brief(self) -> str:
        """What tells it from its relatives, beside its title: "Kling V3 · 720p · making"."""
        model = "" if self.model_name.casefold() == self.title.casefold() else self.model_name
        state = "" if self.is_complete else self.state_word.lower()
        return " · ".join(filter(None, (model, self.resolution, state)))

    @property
    def duration_words(self) -> str:
        return clock_words(self.duration_ms) if self.duration_ms else ""

    @property
    def total_charged(self) -> Decimal | None:
        """Credits taken for this card so far; None while the last try's charge is unknown."""
        return None if self.charged is None else self.charged + self.charged_before

    @property
    def cost_words(self) -> str:
        if self.total_charged is not None:
            return f"{credits_words(self.total_charged)} cr"
        return f"≈ {credits_words(self.quoted)} cr" if self.quoted is not None and self.is_running else "–"

    @property
    def charge_differs(self) -> bool:
        return self.is_complete and None not in (self.charged, self.quoted) and self.charged != self.quoted

    @property
    def trash_words(self) -> str:
        """How long it can be restored: "for 12 more days"."""
        if not self.deleted_at:
            return ""
        left = ceil((self.deleted_at + TRASH_FOR - timezone.now()) / timedelta(days=1))
        return "until tomorrow" if left <= 1 else f"for {left} more days"

    @property
    def can_delete(self) -> bool:
        """Not while it runs: it can't be cancelled. One that waits for another key can go."""
        return not (self.is_running and self.account.is_current)

    def _file_url(self, name: str) -> str | None:
        return reverse("take_file", args=[self.pk, name]) if getattr(self, name) else None

    @property
    def again_url(self) -> str:
        """Where everything that it was made with is put into the form again."""
        return reverse("take_again", args=[self.pk])

    @property
    def shot_url(self) -> str:
        """All takes of its shot."""
        return f"{reverse('gallery')}?shot={self.shot}"

    @property
    def stack_url(self) -> str:
        """The same, from a list of stacks, to which it leads back."""
        return f"{self.shot_url}&stacked=1"

    @property
    def fan_out_url(self) -> str:
        """All takes of the prompt that went to several models."""
        return f"{reverse('gallery')}?fan_out={self.fan_out}"

    @property
    def voice_url(self) -> str:
        """Where the voice that it has made can speak; "" of anything else."""
        if not (self.makes_a_voice and self.is_complete and self.remote_asset_id):
            return ""
        asked = {"make": "speech", "kind": "text_to_speech", "voice": self.remote_asset_id}
        return f"{reverse('create')}?{urlencode(asked)}"

    @cached_property
    def collections_near(self) -> list[Collection]:
        """Of its owner, for a form to offer: those that hold it, then the latest; each knows whether it
        `holds` it."""
        from .keeping import Collected, Collection  # they read the take

        held = Collected.objects.filter(collection=OuterRef("pk"), take=self.pk)
        mine = Collection.objects.filter(owner=self.owner_id).annotate(holds=Exists(held))
        return list(mine.order_by("-holds", "-updated")[:MOST_OFFERED])

    @property
    def file_stem(self) -> str:
        """What files of this take are called: "a-fox-in-the-snow-12"."""
        return f"{slugify(self.prompt)[:60] or 'take'}-{self.pk}"

    @property
    def file_name(self) -> str:
        return f"{self.file_stem}{PurePosixPath(self.result.name or '').suffix}"

    @property
    def result_url(self) -> str | None:
        return self._file_url("result")

    @property
    def poster_url(self) -> str | None:
        return self._file_url("poster")

    @property
    def preview_url(self) -> str | None:
        return self._picture_url("preview")

    @property
    def sprite_url(self) -> str | None:
        return self._picture_url("sprite")

    def _picture_url(self, name: str) -> str | None:
        """Told in advance while the pictures are being made: the card is drawn before they are there."""
        return reverse("take_file", args=[self.pk, name]) if self._pictures_follow else self._file_url(name)

    @property
    def _pictures_follow(self) -> bool:
        age = timezone.now() - self.finished_at if self.finished_at else PICTURES_FOLLOW_FOR
        lacks_them = self.is_complete and self.result and not self.preview and age < PICTURES_FOLLOW_FOR
        return bool(lacks_them and self.result_kind == "video" and not self.is_oversized)

    @property
    def is_settled(self) -> bool:
        """Whether its card stays as it is while its row does: neither time nor the balance change it."""
        return self.is_complete and not self._pictures_follow

    @property
    def as_stored(self) -> str:
        """The whole row as it was read: what a card can show. Cards of the same row are the same."""
        return repr({name: value for name, value in vars(self).items() if name != "_state"})

    @property
    def start_frame(self) -> Asset | None:
        return self._input("start_frame")

    def _input(self, role: str) -> Asset | None:
        """Reads the prefetched inputs, so that a grid of cards needs no query per card."""
        return next((i.asset for i in self.input_set.all() if i.role == role), None)  # type: ignore[attr-defined]

    @property
    def backdrop_url(self) -> str | None:
        frame = self.start_frame
        return frame.thumbnail_url if frame else None

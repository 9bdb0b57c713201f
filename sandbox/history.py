"""The past of a new account: a dozen generations over the last days, with their inputs and their money."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sandbox.assets import Assets, Media
from sandbox.bodies import generation_body
from sandbox.catalog import Catalog
from sandbox.clock import iso
from sandbox.ledger import Ledger
from sandbox.orders.order import Order, Supplies
from sandbox.orders.reading import read_order
from sandbox.rendering.hum import write_hum
from sandbox.rendering.scenes import LightScene, still_of
from sandbox.state import Store
from sandbox.wire import CHUNK, Json

PORTRAIT = (720, 1280)
WIDE = (1280, 720)
UPLOAD_LIMIT = 1 << 26
# Seeds from here on give the past a good mix of pictures.
LOOKS = 21


@dataclass(frozen=True)
class Past:
    """One generation of the past; inputs are named uploads."""

    hours_ago: float
    model: str
    prompt: str
    ratio: str = "16:9"
    resolution: str = "720p"
    seconds: int = 5
    start: str = ""
    end: str = ""
    audio: str = ""
    error: tuple[str | None, str] | None = None
    """Class and message of a failure."""


UPLOADS = {
    "harbour.jpg": ("Harbour at dawn, calm sea", WIDE, 3),
    "harbour-night.jpg": ("Harbour by night, neon on the water", WIDE, 5),
    "portrait.jpg": ("Portrait of a singer, velvet stage light", PORTRAIT, 0),
}
AUDIO = "humming.wav"
NOT_ALLOWED = ("MODERATION_FAILED", "The content was refused by moderation.")
# A failure without a class, as the service also reports them.
NO_ANSWER = (None, "The model's provider did not answer in time.")
MARKET = "A woman walking through a busy market at golden hour, handheld, shallow depth of field"
LAMPS = "Night falls over the harbour, lamps light one by one"
HAILUO = "minimax-hailuo-2-3-standard-t2v"
PAST = (
    Past(3, "grok-video-t2v", MARKET),
    Past(7.5, "hedra-avatar", "She hums to herself", "9:16", start="portrait.jpg", audio=AUDIO),
    Past(21, "kling-2-6-pro-t2v", "Chrome dancer dissolving into silk, studio strobes", "16:9", "1080p"),
    Past(26, HAILUO, "Rain on a city window, taxi lights smear", "16:9", "768p", 6),
    Past(30, "veo-3-fast-t2v", "Portrait of a jazz singer, neon backlight", seconds=4, error=NOT_ALLOWED),
    Past(49, "seedance-2-0-t2v", "Aerial over a turquoise reef, gentle swell", "21:9", "480p"),
    Past(54, "kling-v3-standard-i2v", LAMPS, start="harbour.jpg", end="harbour-night.jpg"),
    Past(
        75, "grok-video-i2v", "The scene comes to life with gentle movement", seconds=6, start="harbour.jpg"
    ),
    Past(98, "kling-v3-standard-t2v", "Product shot: perfume bottle rotating on marble", "1:1"),
    Past(121, "kling-o3-standard-t2v", "An astronaut waters a garden on the moon", error=NO_ANSWER),
    Past(146, "grok-video-t2v", "A fox running through autumn leaves at sunrise", "9:16", seconds=8),
    Past(170, "veo-3-fast-t2v", "Desert caravan, heat haze, long lens", seconds=4),
)


class History:
    def __init__(self, store: Store, ledger: Ledger, assets: Assets, catalog: Catalog) -> None:
        self._store = store
        self._ledger = ledger
        self._assets = assets
        self._catalog = catalog
        self._folder = store.folder / "past"
        self._folder.mkdir(exist_ok=True)

    def furnish(self, account: str) -> None:
        """Give a new account its uploads and past generations; clips are made when asked for."""
        now = datetime.now(UTC)
        uploads = self._uploads(account, now - timedelta(hours=PAST[-1].hours_ago + 1))
        for index, past in sorted(enumerate(PAST), key=lambda entry: -entry[1].hours_ago):
            self._remember(account, past, index, uploads, now)

    def lengthen(self, account: str, count: int, created: datetime, apart: timedelta) -> None:
        """So many more past generations, the newest at ``created``, the others ``apart`` from one another.

        Their clips are those of the others; they cost nothing."""
        with self._store.transaction():
            pattern = self._store.all(
                "SELECT * FROM generations WHERE account = ? AND past = 1 AND fails_at IS NULL", account
            )
            for number in range(count):
                row = {**pattern[number % len(pattern)], "seq": None, "credits": 0}
                row |= {"id": str(uuid.uuid4()), "asset_id": str(uuid.uuid4())}
                self._store.insert("generations", **row | {"created_at": iso(created - number * apart)})

    def _uploads(self, account: str, when: datetime) -> dict[str, str]:
        ids = {name: self._upload(account, name, "image", when) for name in UPLOADS}
        return {**ids, AUDIO: self._upload(account, AUDIO, "audio", when)}

    def _upload(self, account: str, name: str, kind: str, when: datetime) -> str:
        asset_id = self._assets.create(account, {"name": name, "type": kind})
        self._store.run("UPDATE assets SET created_at = ? WHERE id = ?", iso(when), asset_id)
        self._assets.receive(self._assets.row(asset_id), _chunks(self._source(name)), UPLOAD_LIMIT)
        return asset_id

    def _source(self, name: str) -> Path:
        path = self._folder / name
        if not path.exists():
            partial = path.with_name(f".{name}")
            _make(partial, name)
            partial.replace(path)
        return path

    def _remember(self, account: str, past: Past, index: int, uploads: dict[str, str], now: datetime) -> None:
        body = generation_body(_body(past, uploads))
        order = read_order(body, Supplies(self._catalog, self._media, lambda voice_id: None))
        # A few minutes off the hour, so that no two takes look made by a timer.
        created = now - timedelta(hours=past.hours_ago, minutes=index * 7 % 43, seconds=index * 11 % 59)
        generation_id = str(uuid.uuid4())
        self._insert(account, generation_id, past, body, order, index, created)
        self._ledger.charge(account, generation_id, order.credits, iso(created))
        if past.error:
            self._ledger.refund(account, generation_id, order.credits, iso(created + timedelta(seconds=40)))

    def _insert(
        self,
        account: str,
        generation_id: str,
        past: Past,
        body: Json,
        order: Order,
        seed: int,
        created: datetime,
    ) -> None:
        self._store.insert(
            "generations",
            id=generation_id,
            asset_id=str(uuid.uuid4()),
            account=account,
            # All accounts share these clips: they are made from the same inputs.
            file=f"past-{seed}",
            created_at=iso(created),
            started=0,
            work_s=1,
            input=json.dumps(body),
            spec=json.dumps(order.spec(LOOKS + seed)),
            prompt=order.prompt,
            credits=order.credits,
            past=1,
            fails_at=1 if past.error else None,
            error_type=past.error[0] if past.error else None,
            error_message=past.error[1] if past.error else None,
        )

    def _media(self, asset_id: str) -> Media:
        return self._assets.media(self._assets.row(asset_id))


def _body(past: Past, uploads: dict[str, str]) -> Json:
    inputs: Json = {"text_prompt": past.prompt, "resolution": past.resolution, "aspect_ratio": past.ratio}
    if not past.audio:
        inputs["duration_ms"] = past.seconds * 1000
    body: Json = {"type": "video", "model_slug": f"sandbox/{past.model}", "generated_video_inputs": inputs}
    fields = {"start_keyframe_id": past.start, "end_keyframe_id": past.end, "audio_id": past.audio}
    return {**body, **{name: uploads[upload] for name, upload in fields.items() if upload}}


def _make(path: Path, name: str) -> None:
    if name == AUDIO:
        write_hum(path, 210, repeats=3)
    else:
        prompt, size, seed = UPLOADS[name]
        still_of(LightScene(prompt, seed, size), size, 0.4).save(path, "JPEG", quality=90)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while data := source.read(CHUNK):
            yield data

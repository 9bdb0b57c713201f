"""What an order brings along: ``references`` or named slots, held against what the model takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from sandbox.assets import Media
from sandbox.hoox.bodies import SLOTS
from sandbox.hoox.errors import InvalidBody, wrong
from sandbox.hoox.models import HooxModel
from sandbox.nearby import is_nearby
from sandbox.wire import Json

FindMedia = Callable[[str], Media | None]
# What a slot holds, and which part it plays in the picture; a driving video plays none here.
ROLES = {
    "start_image": ("image", "start_frame"),
    "end_image": ("image", "end_frame"),
    "first_frame": ("image", "start_frame"),
    "last_frame": ("image", "end_frame"),
    "source_video": ("video", "input_video"),
    "motion_video": ("video", ""),
}


class Inputs:
    """Raises InvalidBody with everything that does not fit."""

    def __init__(self, model: HooxModel, body: Json, find_media: FindMedia) -> None:
        self._model = model
        self._find_media = find_media
        self._body = body
        self.media: list[Media] = []
        """Assets among the inputs, in order."""
        self.count = len(body.get("references", []))
        problems = [*self._slot_problems(), *self._count_problems(), *self._source_problems()]
        if problems:
            raise InvalidBody(*problems)

    def by_role(self) -> dict[str, list[Json]]:
        """For the workshop: what it can have. Links that lead elsewhere are left alone."""
        roles: dict[str, list[Json]] = {}
        for field, source in self._sources():
            role = "references" if field.startswith("references") else ROLES[field][1]
            if role and "asset_id" in source:
                roles.setdefault(role, []).append({"asset": source["asset_id"]})
            elif role and is_nearby(source["url"]):
                roles.setdefault(role, []).append({"url": source["url"], "nearby": True})
        return roles

    def elsewhere(self) -> list[str]:
        """Hosts of the links that nobody will follow."""
        urls = [source["url"] for _, source in self._sources() if "url" in source]
        return [urlsplit(url).netloc for url in urls if not is_nearby(url)]

    def _sources(self) -> Iterator[tuple[str, Json]]:
        for index, source in enumerate(self._body.get("references", [])):
            yield f"references[{index}]", source
        for slot in SLOTS:
            if slot in self._body:
                yield slot, self._body[slot]

    def _slot_problems(self) -> Iterator[Json]:
        for slot in SLOTS:
            if slot in self._body and slot not in self._model.slots:
                yield wrong(slot, f"{self._model.name} has no {slot}.")
            elif self._model.slots.get(slot) and slot not in self._body:
                yield wrong(slot, f"{self._model.name} needs {slot}.", "missing_content")
        if "end_image" in self._body and "start_image" not in self._body:
            yield wrong("end_image", "end_image needs start_image.")

    def _count_problems(self) -> Iterator[Json]:
        few, many = self._model.references
        if not few <= self.count <= many:
            wanted = str(few) if few == many else f"{few} to {many}"
            yield wrong("references", f"{self._model.name} takes {wanted} references, not {self.count}.")

    def _source_problems(self) -> Iterator[Json]:
        for field, source in self._sources():
            if "avatar_id" in source:
                yield wrong(f"{field}.avatar_id", "There is no such avatar.", "invalid_avatar_id")
            elif "asset_id" in source:
                yield from self._asset_problems(field, source["asset_id"])
            elif field == "source_video" and "extend" in self._model.row.get("tags", []):
                yield wrong("source_video.url", f"{self._model.name} takes assets made here only.")

    def _asset_problems(self, field: str, asset_id: str) -> Iterator[Json]:
        media = self._find_media(asset_id)
        kind = ROLES[field][0] if field in ROLES else ""
        if media is None or not media.ready:
            yield wrong(f"{field}.asset_id", "There is no such finished asset.")
        elif kind not in ("", media.type):
            yield wrong(f"{field}.asset_id", f"This asset is of type {media.type}, not {kind}.")
        else:
            self.media.append(media)

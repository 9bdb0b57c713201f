"""What all families share: a body held against its model, with every misfit noted before it is refused."""

from __future__ import annotations

from sandbox.assets import Media
from sandbox.catalog import Model
from sandbox.contract import Loc
from sandbox.orders.order import Speaker, Supplies
from sandbox.wire import Json, Problem, invalid, problem


class Reader:
    """The base of a family's reader."""

    def __init__(self, body: Json, model: Model, supplies: Supplies) -> None:
        self.body = body
        self.model = model
        self.supplies = supplies
        self.problems: list[Problem] = []

    def fault(self, type: str, loc: Loc, msg: str, input: object = None) -> None:
        self.problems.append(problem(type, loc, msg, input))

    def refuse_misfits(self) -> None:
        """Raises the 422 answer when anything has been noted."""
        if self.problems:
            raise invalid(*self.problems)

    def media(self, asset_id: str, kind: str, loc: Loc, slot: Json | None = None) -> Media | None:
        """The file behind an id, if it is there, of its kind, and within the slot's limits."""
        media = self.supplies.find_media(asset_id)
        if media is None:
            self.fault("value_error", loc, "There is no such asset", asset_id)
        elif media.type != kind:
            self.fault("value_error", loc, f"This asset is of type {media.type}, not {kind}", asset_id)
        elif not media.ready:
            self.fault("value_error", loc, "This asset has no file yet; upload it first", asset_id)
        elif complaint := limit_broken(media, slot or {}):
            self.fault("value_error", loc, complaint, asset_id)
        else:
            return media
        return None

    def needed_media(self, field: str, kind: str, slot: Json | None = None) -> Media:
        """The one file a request is about, within the model's longest. Raises the 422 answer."""
        loc: Loc = ("body", field)
        media = self.media(self.body[field], kind, loc, slot)
        longest = self.model.max_duration_ms
        if media and longest and media.duration_ms > longest:
            self.fault("value_error", loc, _too_long(media, longest), media.id)
        self.refuse_misfits()
        if media is None:
            raise invalid(*self.problems)
        return media

    def references(self, field: str, kind: str, slot: Json) -> list[Media]:
        """The files of a list, as many as the slot holds and no longer together than it takes."""
        ids: list[str] = self.body.get(field) or []
        loc: Loc = ("body", field)
        if len(ids) > slot["max_count"]:
            self.fault("too_long", loc, f"{self.model.name} takes at most {slot['max_count']}", ids)
        checked = [self.media(asset_id, kind, (*loc, index), slot) for index, asset_id in enumerate(ids)]
        found = [media for media in checked if media]
        total, most = sum(media.duration_ms for media in found), slot.get("max_total_duration_ms")
        if most and total > most:
            self.fault("value_error", loc, f"Together they last {total} ms, at most {most} ms are taken", ids)
        return found

    def speaker(self, voice_id: str, loc: Loc) -> Speaker:
        """Raises the 422 answer for a voice that nobody has."""
        speaker = self.supplies.find_speaker(voice_id)
        if speaker is None:
            self.fault("value_error", loc, "There is no such voice", voice_id)
            raise invalid(*self.problems)
        return speaker

    def prompt(self, text: str, loc: Loc) -> None:
        """Its length, in characters."""
        least, most = self.model.row["min_prompt_length"], self.model.row["max_prompt_length"]
        if least and len(text.strip()) < least:
            msg = f"String should have at least {least} character{'s' * (least != 1)}"
            self.fault("string_too_short", loc, msg, text)
        if most and len(text) > most:
            self.fault("string_too_long", loc, f"String should have at most {most} characters", text)

    def refuse_choice(self, loc: Loc, chosen: object, offered: list[str]) -> None:
        msg = f"{self.model.name} offers {', '.join(offered) or 'no choice'}"
        self.fault("value_error", loc, msg, chosen)


def limit_broken(media: Media, slot: Json) -> str:
    """What of this file the slot does not take, in words; empty when it fits."""
    size = slot.get("max_file_size_bytes")
    if size and media.size > size:
        return f"The file has {media.size} bytes, at most {size} are taken"
    sides = [side for side in (media.width, media.height) if side]
    if sides and slot.get("min_dimension_px") and min(sides) < slot["min_dimension_px"]:
        return f"Each side needs at least {slot['min_dimension_px']} pixels"
    if sides and slot.get("max_dimension_px") and max(sides) > slot["max_dimension_px"]:
        return f"No side may have more than {slot['max_dimension_px']} pixels"
    if slot.get("min_duration_ms") and media.duration_ms < slot["min_duration_ms"]:
        return f"It lasts {media.duration_ms} ms, at least {slot['min_duration_ms']} ms are needed"
    if slot.get("max_duration_ms") and media.duration_ms > slot["max_duration_ms"]:
        return _too_long(media, slot["max_duration_ms"])
    return ""


def _too_long(media: Media, longest_ms: int) -> str:
    return f"It lasts {media.duration_ms} ms, at most {longest_ms} ms are taken"

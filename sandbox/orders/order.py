"""What was ordered, ready to be charged and made; and what an order may reach for while it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.assets import Media
from sandbox.catalog import Catalog, Model
from sandbox.wire import Json

FindMedia = Callable[[str], Media | None]


@dataclass(frozen=True)
class Speaker:
    """A voice that an order may name."""

    name: str
    pitch: int
    """In Hz."""


@dataclass(frozen=True)
class Supplies:
    """What an account has: the models, its files, and the voices it may use."""

    catalog: Catalog
    find_media: FindMedia
    find_speaker: Callable[[str], Speaker | None]


@dataclass
class Order:
    """What will be made and what it costs."""

    model: Model
    makes: str
    """The type of the asset: image, video, audio or voice."""
    recipe: str
    """How it is made; ``recipes.py`` knows them by this name."""
    credits: int
    prompt: str = ""
    title: str = ""
    """The asset's name where there is no prompt to name it after."""
    ending: str = "mp4"
    """Of the file."""
    width: int = 0
    height: int = 0
    duration_ms: int = 0
    inputs: dict[str, list[Json]] = field(default_factory=dict)
    """By role: ``{"asset": id}``, ``{"url": …}`` or ``{"speech": …}``."""
    over_caption: bool = False
    """Whether something among the inputs has a caption of ours."""
    details: Json = field(default_factory=dict)
    """What only this recipe needs to know."""

    def spec(self, seed: int) -> Json:
        """All that rendering needs to know, for now or after a restart."""
        return {
            "makes": self.makes,
            "recipe": self.recipe,
            "ending": self.ending,
            "width": self.width,
            "height": self.height,
            "duration_ms": self.duration_ms,
            "prompt": self.prompt,
            "title": self.title,
            "label": self.model.name,
            "seed": seed,
            "inputs": self.inputs,
            "over_caption": self.over_caption,
            **self.details,
        }

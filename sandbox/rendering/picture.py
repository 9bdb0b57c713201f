"""Still results: drawn from the prompt, changed by it, or the same with more pixels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageOps

from sandbox.rendering.caption import Caption
from sandbox.rendering.insets import lay_insets
from sandbox.rendering.scenes import LightScene, open_still, shades_of, still_of, tinted
from sandbox.rendering.spec import ClipSpec
from sandbox.rendering.whole import whole

STILL_AT = 0.4
FORMS = {".png": "PNG", ".jpg": "JPEG"}


def write_picture(spec: ClipSpec, references: Sequence[Path], path: Path) -> None:
    """The first reference in the colours of the prompt, the others small; without any, a new scene."""
    size = (spec.width, spec.height)
    if references:
        first, *others = references
        picture = tinted(ImageOps.fit(open_still(first), size), shades_of(spec.prompt))
        lay_insets(picture, others)
    else:
        picture = still_of(LightScene(spec.prompt, spec.seed, size), size, STILL_AT)
    caption = Caption(spec.prompt, spec.label, size, firm=spec.over_caption)
    picture.paste(caption.image, (0, caption.top), caption.image)
    _save(picture, path)


def write_enlarged(source: Path, size: tuple[int, int], path: Path) -> None:
    _save(open_still(source).resize(size, Image.Resampling.LANCZOS), path)


def _save(picture: Image.Image, path: Path) -> None:
    with whole(path) as partial:
        picture.save(partial, FORMS[path.suffix], quality=90)

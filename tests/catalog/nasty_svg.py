"""Drawings that are meant to hurt whoever opens them."""

from base64 import b64encode
from pathlib import Path

from tests.factories import png

NAMES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
DOT = '<circle cx="5" cy="5" r="4" fill="#0a0"/>'


def svg(inside: str = DOT, size: str = 'viewBox="0 0 10 10"', before: str = "") -> str:
    return f"{before}<svg {NAMES} {size}>{inside}</svg>"


def bomb_of_entities() -> str:
    """Ten to the eleventh words."""
    entities = '<!ENTITY e0 "ha">'
    for n in range(1, 12):
        entities += f'<!ENTITY e{n} "' + f"&e{n - 1};" * 10 + '">'
    return svg(f"<text>&e11;</text>{DOT}", before=f"<!DOCTYPE svg [{entities}]>")


def bomb_of_copies() -> str:
    """Ten to the eleventh squares, each of them to be seen through."""
    groups = '<g id="u0"><rect width="9" height="9"/></g>'
    for n in range(1, 12):
        groups += f'<g id="u{n}" opacity="0.9">' + f'<use xlink:href="#u{n - 1}"/>' * 10 + "</g>"
    return svg(f'<defs>{groups}</defs><use xlink:href="#u11"/>')


def image(address: str) -> str:
    return svg(f'<image width="10" height="10" href="{address}" xlink:href="{address}"/>')


def local_image(folder: Path) -> str:
    file = folder / "private.png"
    file.write_bytes(png(10, 10))
    return image(str(file))


def nested_image() -> str:
    """A drawing in a drawing in a drawing, the innermost one being a local file."""
    drawing = image("/etc/hostname")
    for _ in range(5):
        drawing = image(f"data:image/svg+xml;base64,{b64encode(drawing.encode()).decode()}")
    return drawing


def heavy_filter() -> str:
    """Takes minutes."""
    steps = '<feTurbulence baseFrequency="0.5" numOctaves="10000000"/>' * 200
    area = 'x="-1e4" y="-1e4" width="1e5" height="1e5"'
    return svg(f'<filter id="f" {area}>{steps}</filter><rect filter="url(#f)" width="9" height="9"/>')


def wide_blur() -> str:
    area = 'x="-1e6" y="-1e6" width="1e7" height="1e7"'
    blur = f'<filter id="f" {area}><feGaussianBlur stdDeviation="100000"/></filter>'
    return svg(f'{blur}<rect filter="url(#f)" width="9" height="9"/>')


UNDRAWABLE = {
    "entities": bomb_of_entities(),
    "an entity that names a file": svg(
        "<text>&x;</text>", before='<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    ),
    "copies": bomb_of_copies(),
    "deep nesting": svg("<g>" * 60_000 + DOT + "</g>" * 60_000),
    "a file address": image("file:///etc/passwd"),
    "nested images": nested_image(),
    "a wide blur": wide_blur(),
    "a huge view box": svg(size='viewBox="0 0 1e30 1e30"'),
    "words alone": svg("<text>Hedra</text>"),
    "nothing": svg(""),
    "a page": "<html><body>Not found</body></html>",
    "noise": "\x00\xff" * 1000,
    "an empty file": "",
    "half a drawing": svg()[:-20],
}
DRAWABLE = {
    "a view box without area": svg(size='viewBox="0 0 0 0"'),
    "not numbers": svg(size='viewBox="NaN NaN NaN NaN" width="NaN" height="inf"'),
    "a script": svg(f"<script>while (true) {{}}</script>{DOT}"),
    "event handlers": svg(DOT.replace("<circle", '<circle onload="alert(1)"')),
    "an animation": svg(DOT.replace("/>", '><animate attributeName="r" to="1" dur="9s"/></circle>')),
    "a foreign object": svg(f'<foreignObject><iframe src="https://10.0.0.1/"/></foreignObject>{DOT}'),
    "an imported style": svg(f'<style>@import url("file:///etc/passwd");</style>{DOT}'),
    "a circle of copies": svg(f'<g id="a"><use xlink:href="#a"/></g>{DOT}'),
    "a huge size": svg('<rect width="1e9" height="1e9" fill="#0a0"/>', size='width="1e9" height="1e9"'),
    "a thin drawing": svg('<rect width="10" height="1e6" fill="#0a0"/>', size='viewBox="0 0 10 1000"'),
    "an entity for the name space": (
        '<!DOCTYPE svg [<!ENTITY ns "http://www.w3.org/2000/svg">]>'
        f'<svg xmlns="&ns;" viewBox="0 0 10 10">{DOT}</svg>'
    ),
    "a picture inside": image(f"data:image/png;base64,{b64encode(png(20, 20)).decode()}"),
}

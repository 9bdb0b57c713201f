"""What a browser would send of the create form, read from the page."""

from __future__ import annotations

from html.parser import HTMLParser

OF_ONE_PAGE = {"shot", "csrfmiddlewaretoken", "seen_price", "draft_page"}
Attributes = list[tuple[str, str | None]]


class _Reader(HTMLParser):
    """Successful controls, in the order of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self._inside = False
        self._select, self._text, self._said = "", "", ""
        self._first: str | None = None

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("id") == "create-form"
        elif not self._inside:
            return
        elif tag == "input":
            self._input(given)
        elif tag == "select":
            self._select, self._first, self._said = given["name"], None, ""
        elif tag == "option" and self._select:
            self._first = given["value"] if self._first is None else self._first
            self._said = given["value"] if "selected" in given else self._said
        elif tag == "textarea":
            self._text, self._said = given["name"], ""

    def _input(self, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        off = kind in ("checkbox", "radio") and "checked" not in given
        if "name" in given and kind != "file" and not off:
            self.values.setdefault(given["name"], []).append(given.get("value", "on"))

    def handle_data(self, data: str) -> None:
        self._said += data if self._text else ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select" and self._select:
            self.values.setdefault(self._select, []).append(self._said or self._first or "")
            self._select = ""
        elif tag == "textarea" and self._text:
            self.values.setdefault(self._text, []).append(self._said)
            self._text = ""


def controls(page: str) -> dict[str, list[str]]:
    """All values of the create form by name, without those that are new with each page."""
    reader = _Reader()
    reader.feed(page)
    return {name: values for name, values in reader.values.items() if name not in OF_ONE_PAGE}


def draft_page(page: str) -> str:
    """Which draft the page goes on with."""
    reader = _Reader()
    reader.feed(page)
    return reader.values["draft_page"][0]

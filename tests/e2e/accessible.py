"""What every page has to hold, whatever it shows."""

from axe_core_python.base import AXE_SCRIPT
from playwright.sync_api import Page

LOOKS = ["light 1440", "dark 390"]
"""Each theme and each width once: colours don't depend on the width, nor places on the theme."""


def hold_accessible(page: Page, part: str = "") -> None:
    """No sideways scrolling, and no violation that axe finds on the page or in the part of it."""
    wide, view = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert wide <= view
    page.evaluate(AXE_SCRIPT)
    violations = page.evaluate("part => part ? axe.run(part) : axe.run()", part)["violations"]
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in violations] == []

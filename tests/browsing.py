"""The system's Chromium for tests. Without one the browser tests skip and say so."""

import shutil

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
SHELL = "chromium-headless-shell"
"""The same browser without a desktop's parts: tests take less than half the time."""
# No sandbox: containers forbid it, and it only ever opens our own pages. The rest keeps it off the network.
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = "no Chromium on this machine; on Debian: apt install chromium-headless-shell"


def chromium() -> str | None:
    """Where the browser is."""
    return shutil.which(SHELL) or desktop_chromium()


def desktop_chromium() -> str | None:
    """Where the browser is that people have, for what is measured."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)

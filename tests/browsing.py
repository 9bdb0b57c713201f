"""The system's Chromium for tests. Without one the browser tests skip and say so."""

import shutil

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# No sandbox: containers forbid it, and it only ever opens our own pages. The rest keeps it off the network.
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = "no Chromium on this machine; on Debian: apt install chromium"


def chromium() -> str | None:
    """Where the browser is."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)

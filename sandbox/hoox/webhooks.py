"""Calls to ``webhook_url`` once an asset has ended: to this machine only, given up after the third retry."""

from __future__ import annotations

import json
import sys
import threading
import time
import traceback
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request

from sandbox.hoox.assets import AssetAnswers
from sandbox.nearby import fetched, is_nearby
from sandbox.wire import Json, number

if TYPE_CHECKING:
    from sandbox.app import App
    from sandbox.generations import Row

TIMEOUT_S = 10
PAUSES_S = (1, 2, 4)
LOOK_S = 0.1
HEADERS = {
    "Content-Type": "application/json",
    "X-Hoox-Webhook": "true",
    "User-Agent": "Hoox-API/1.0 (sandbox)",
}


class Webhooks:
    """One thread, asleep while nobody waits for a call. What is owed is kept over restarts."""

    def __init__(self, app: App, answers: AssetAnswers) -> None:
        self._app = app
        self._answers = answers
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closing = True
        self._wake.set()
        self._thread.join(timeout=5)

    def wake(self) -> None:
        self._wake.set()

    def remember(self, asset_id: str, url: str) -> None:
        """An address elsewhere is accepted, and never called."""
        if is_nearby(url):
            self._app.store.insert("webhooks", generation_id=asset_id, url=url)

    def _work(self) -> None:
        while not self._closing:
            self._wake.clear()
            try:
                owed = self._owed()
                for row in owed:
                    self._try(row)
            except Exception:
                # A full disk, say: told, and tried again.
                if self._closing:
                    return
                traceback.print_exc(file=sys.stderr)
            self._wake.wait(timeout=LOOK_S if owed else None)

    def _owed(self) -> list[Row]:
        return list(
            self._app.store.all(
                "SELECT g.*, w.url AS webhook_url, w.tries, w.due FROM webhooks w"
                " JOIN generations g ON g.id = w.generation_id WHERE w.done = 0"
            )
        )

    def _try(self, row: Row) -> None:
        if self._answers.status(row) not in ("completed", "failed") or time.time() < row["due"]:
            return
        delivered = _delivered(row["webhook_url"], self._answers.call(row, self._link))
        tries = row["tries"] + 1
        done = delivered or tries > len(PAUSES_S)
        pause = 0 if done else PAUSES_S[row["tries"]] / self._app.clock.speed
        sql = "UPDATE webhooks SET tries = ?, due = ?, done = ? WHERE generation_id = ?"
        self._app.store.run(sql, tries, time.time() + pause, done, row["id"])

    def _link(self, path: str) -> str:
        return self._app.links.sign(self._app.base_url, path, self._app.settings.link_ttl_s)


def _delivered(url: str, call: Json) -> bool:
    """Any answer of the 200s counts."""
    request = Request(url, json.dumps(call, default=number).encode(), HEADERS, method="POST")  # noqa: S310
    try:
        with fetched(request, TIMEOUT_S) as answer:
            return bool(200 <= answer.status < 300)
    except HTTPError as error:
        error.close()
        return False
    except (OSError, HTTPException):
        return False

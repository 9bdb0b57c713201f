"""How soon a finished take is seen, with 200 under way: `make bench-polling`. Prints figures only.

The real studio (web, worker, sandbox) runs 200 clips of 5 s that end about two a second. Measured is the time
from the earliest moment at which the service can have had the clip to the answer of the page's poll, sent
as often as the page says, that carries the finished card with its poster. The sandbox renders the clips
on the same machine, mostly before they are due."""

import json
import os
import re
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

from benchmarks.upload import PROJECT, Browser, Form, free_port

TAKES, AT_ONCE = int(os.environ.get("BENCH_TAKES", "200")), 4
PRESS_EVERY_S, FIRST_POLL_S, WATCH_EVERY_S = 2.0, 2, 0.25
SPEED = "0.1"
"""Of the sandbox: a clip takes 200 s, so that all are under way before the first ends."""
MODEL = "Grok Video T2V"
COMPLETE = re.compile(r'id="take-(\d+)" class="take is-complete"')
EVERY = re.compile(r'hx-trigger="every (\d+)s')
SEEN = re.compile(r'name="(seen|rests|every)" value="([^"]*)"')
PATIENCE_S = 1200


class Service:
    """The sandbox, asked directly: when did each generation have its clip?"""

    def __init__(self, port: str) -> None:
        self._base, self.ready_at, self._looked_at = f"http://127.0.0.1:{port}", dict[str, float](), 0.0

    def watch(self, ids: list[str]) -> None:
        """One look at all that were not ready; one found ready may have been so since the look before."""
        before, self._looked_at = self._looked_at, time.monotonic()
        waiting = [each for each in ids if each not in self.ready_at]
        for start in range(0, len(waiting), 50):
            for row in self._ask(waiting[start : start + 50]):
                if row["status"] == "complete":
                    self.ready_at[row["id"]] = before or self._looked_at

    def _ask(self, ids: list[str]) -> list[dict[str, str]]:
        url = f"{self._base}/web-app/public/generations?{urlencode({'ids': ','.join(ids)})}"
        request = urllib.request.Request(url, headers={"X-API-Key": "sandbox"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            rows: list[dict[str, str]] = json.load(answer)["data"]
            return rows


def press(browser: Browser, values: dict[str, str], number: int) -> None:
    asked = {"prompt": f"A fox in the snow, {number}", "resolution": "480p", "duration_ms": "5000"}
    fresh = Form(browser.get(f"/create/?{urlencode({'model': values['model'], **asked})}")).values
    status = browser.post(
        "/create/", fresh | asked | {"variations": str(AT_ONCE), "again": "1", "seen_price": ""}
    )
    if status != 302:
        raise SystemExit(f"the order answered {status}")


def takes(folder: str) -> dict[str, int]:
    """The service's id → ours, of what was ordered here."""
    with sqlite3.connect(Path(folder) / "studio.sqlite3", timeout=30) as database:
        sql = "SELECT remote_id, id FROM generations_generation WHERE NOT imported"
        return {str(UUID(remote)): pk for remote, pk in database.execute(sql)}


def follow(port: str, pks: Collection[int], visible_at: dict[int, float]) -> None:
    """Poll as a gallery with all of them on the screen does, until all are finished there."""
    seen, end = ",".join(f"{pk}:0" for pk in pks), time.monotonic() + PATIENCE_S
    asked, pause_s = {"seen": seen, "rests": ""}, FIRST_POLL_S
    while len(visible_at) < len(pks) and time.monotonic() < end:
        time.sleep(pause_s)
        url = f"http://127.0.0.1:{port}/gallery/updates/?{urlencode(asked)}"
        with urllib.request.urlopen(urllib.request.Request(url, headers={"HX-Request": "true"})) as answer:
            page = answer.read().decode()
        for pk in COMPLETE.findall(page):
            visible_at.setdefault(int(pk), time.monotonic())
        pause_s = int(said[1]) if (said := EVERY.search(page)) else pause_s
        asked |= dict(SEEN.findall(page)) if page else {}


def measure(folder: str, ports: dict[str, str]) -> None:
    browser = Browser(ports["STUDIO_PORT"])
    model = next(
        found[1]
        for found in re.finditer(r'<option value="([^"]+)"[^>]*>([^<·]+)', browser.get("/create/?make=video"))
        if found[2].strip() == MODEL
    )
    began = time.monotonic()
    for number in range(TAKES // AT_ONCE):
        press(browser, {"model": model}, number)
        time.sleep(max(0, began + (number + 1) * PRESS_EVERY_S - time.monotonic()))
    known = takes(folder)
    print(f"{len(known)} takes ordered in {time.monotonic() - began:.0f} s", flush=True)
    service, visible_at = Service(ports["SANDBOX_PORT"]), dict[int, float]()
    page = threading.Thread(target=follow, args=(ports["STUDIO_PORT"], known.values(), visible_at))
    page.start()
    while page.is_alive():
        service.watch(list(known))
        time.sleep(WATCH_EVERY_S)
    report(known, service.ready_at, visible_at)


def report(known: dict[str, int], ready_at: dict[str, float], visible_at: dict[int, float]) -> None:
    waits = sorted(visible_at[pk] - ready_at[each] for each, pk in known.items() if pk in visible_at)
    ends = sorted(ready_at.values())
    print(f"finished at the service: {len(ends)} in {ends[-1] - ends[0]:.0f} s")
    p95 = statistics.quantiles(waits, n=20)[-1]
    print(f"until visible: median {statistics.median(waits):.1f} s, p95 {p95:.1f} s, most {waits[-1]:.1f} s")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        ports = {"STUDIO_PORT": free_port(), "SANDBOX_PORT": free_port()}
        plain = {"HEDRA_API_KEY": "", "HOOX_API_KEY": "", "SANDBOX_SPEED": SPEED}
        command = [sys.executable, str(PROJECT / "manage.py"), "studio"]
        env = os.environ | ports | plain | {"STUDIO_DATA_DIR": folder}
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, start_new_session=True) as studio:
            try:
                if not studio.stdout or not studio.stdout.readline():
                    raise SystemExit("the studio did not start")
                measure(folder, ports)
            finally:
                studio.send_signal(signal.SIGINT)
                studio.wait()


if __name__ == "__main__":
    main()

"""How fast the gallery is with 2,000 video takes: `make bench-gallery`. Prints figures beside their limits.

Headless Chromium with an empty cache opens the first page, 1440 × 900, in a tab that is there already, and
watches it for seven seconds; the median of five. What a visit brings in is counted by one before them, which
also leaves the studio as it is when it runs, with cards in memory. The floor is a static copy of the same
page, with its styles, scripts, posters and headers (of which one has the browser begin a process of its own),
from a plain server, measured in turn with the studio's own."""

import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urljoin

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.catalog import prepare
from benchmarks.upload import PROJECT, free_port
from tests.browsing import CHROMIUM_ARGS, desktop_chromium

TAKES, CLIPS, TIMES, WATCHED_S = 2000, 24, 5, 7
BEFORE_S = 1.5
"""The tab before is being put away for so long, and the new one made; people's tabs are there already."""
PATIENCE_S = 60.0
SIZE, CLIP_MS = (1280, 720), 5000
SCENES = (
    "a fox in deep snow",
    "waves under a lighthouse",
    "a market at night",
    "rain on a window",
    "a red canyon",
)
LINKED = re.compile(r'(?:href|src|poster)="(/[^"#?]*\.[a-z0-9]+|/gallery/\d+/poster)[^"]*"')
FOR_THE_EYE = "() => document.querySelectorAll('*').length"
OBSERVE = """
window.seen = { fcp: 0, lcp: 0, blocked: 0 };
const watch = (type, act) => {
  new PerformanceObserver((list) => list.getEntries().forEach(act)).observe({ type, buffered: true });
};
watch("paint", (entry) => { if (entry.name === "first-contentful-paint") seen.fcp = entry.startTime; });
watch("largest-contentful-paint", (entry) => { seen.lcp = entry.startTime; });
watch("longtask", (entry) => { seen.blocked += Math.max(0, entry.duration - 50); });
"""


# A studio with takes


def fill(folder: str) -> None:
    prepare(folder)
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    from generations.media import renditions
    from generations.models import Generation
    from hedra_studio.middleware import local_owner
    from sandbox.rendering.clip import write_clip
    from sandbox.rendering.spec import ClipSpec

    names = []
    for number in range(CLIPS):
        place = Path(folder) / f"clip-{number}"
        clip = place.with_suffix(".mp4")
        prompt = f"{SCENES[number % len(SCENES)]}, take {number}"
        write_clip(ClipSpec(*SIZE, CLIP_MS, prompt, seed=number), clip)
        renditions.poster(clip, "video", place.with_suffix(".webp"))
        renditions.preview(clip, place.with_suffix(".small.mp4"))
        made = {
            "result": clip,
            "poster": place.with_suffix(".webp"),
            "preview": place.with_suffix(".small.mp4"),
        }
        names.append(
            {
                name: default_storage.save(f"takes/{path.name}", ContentFile(path.read_bytes()))
                for name, path in made.items()
            }
        )
    posters = [default_storage.size(each["poster"]) for each in names]
    print(f"posters: {statistics.mean(posters) / 1024:.1f} KB on average", flush=True)
    owner = local_owner()
    Generation.objects.bulk_create([row(owner, number, names[number % CLIPS]) for number in range(TAKES)])


def row(owner: Any, number: int, files: dict[str, str]) -> Any:
    from datetime import timedelta

    from django.utils import timezone

    from catalog.models import Account
    from generations.models import Generation, Status

    at = timezone.now() - timedelta(minutes=number)
    return Generation(
        owner=owner,
        account=Account.objects.current(),
        model_name="Grok Video T2V",
        prompt=f"{SCENES[number % len(SCENES)].capitalize()}, from a rising camera, take {number}",
        resolution="720p",
        status=Status.COMPLETE,
        next_attempt_at=None,
        quoted=35,
        charged=35,
        created=at,
        updated=at,
        finished_at=at,
        verified_at=at,
        content_type="video/mp4",
        width=SIZE[0],
        height=SIZE[1],
        duration_ms=CLIP_MS,
        **files,
    )


@contextmanager
def studio(folder: str) -> Iterator[str]:
    """The pages as `serve` serves them; nothing else runs."""
    port = free_port()
    plain = {"HEDRA_API_KEY": "", "HOOX_API_KEY": "", "DATABASE_URL": "", "DEBUG": ""}
    env = os.environ | plain | {"STUDIO_DATA_DIR": folder, "STUDIO_PORT": port}
    env.pop("DJANGO_SETTINGS_MODULE", None)
    manage = [sys.executable, str(PROJECT / "manage.py")]
    subprocess.run([*manage, "prepare"], env=env, check=True, stdout=subprocess.DEVNULL)
    with subprocess.Popen([*manage, "serve"], env=env, start_new_session=True) as server:
        try:
            yield waited_for(f"http://127.0.0.1:{port}/")
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()


def waited_for(base: str) -> str:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            read(f"{base}readyz")
        except OSError:
            time.sleep(0.2)
        else:
            return base
    raise SystemExit("the studio did not start")


def read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:
        content: bytes = answer.read()
        return content


# The floor


OF_THE_PAGE = ("Content-Security-Policy", "Cross-Origin-Opener-Policy", "Referrer-Policy")


class Plain(SimpleHTTPRequestHandler):
    """Files as they are, on connections that stay open; the page with its own headers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # bodies would come 40 ms after their headers
    headers_of_page: ClassVar[dict[str, str]] = {}

    def end_headers(self) -> None:
        if self.path.endswith("index.html"):
            for name, value in self.headers_of_page.items():
                self.send_header(name, value)
        super().end_headers()

    def guess_type(self, path: str | os.PathLike[str]) -> str:
        name = Path(path).name
        if name == "poster":
            return "image/webp"
        return super().guess_type(path)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def copy(base: str, folder: Path) -> None:
    """The first page with all that it loads."""
    with urllib.request.urlopen(f"{base}gallery/", timeout=30) as answer:
        page: bytes = answer.read()
        Plain.headers_of_page = {name: answer.headers[name] for name in OF_THE_PAGE if name in answer.headers}
    files = set(LINKED.findall(page.decode()))
    for path in files:
        target = folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(read(urljoin(base, path)))
    (folder / "index.html").write_bytes(page)


@contextmanager
def floor(base: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        copy(base, Path(folder))
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Plain, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()


# Watching


@dataclass(frozen=True)
class Painted:
    """Milliseconds."""

    fcp: float
    lcp: float
    blocked: float


@dataclass(frozen=True)
class Loaded:
    elements: int
    requests: int
    kilobytes: float
    video: float


@contextmanager
def tab(browser: Browser) -> Iterator[Page]:
    """One with nothing kept from before."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.wait_for_timeout(BEFORE_S * 1000)
    yield page
    context.close()


def visit(page: Page, url: str) -> None:
    """The pointer stays away."""
    page.goto(url)
    page.wait_for_timeout(WATCHED_S * 1000)


def loaded(browser: Browser, url: str) -> Loaded:
    """What a visit brings in; to be told of it slows the browser down, so that nothing is timed here."""
    with tab(browser) as page:
        wire = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        kinds, sizes = dict[str, str](), dict[str, float]()
        wire.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
        wire.on(
            "Network.loadingFinished",
            lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
        )
        visit(page, url)
        video = sum(size for key, size in sizes.items() if kinds.get(key) == "Media")
        return Loaded(page.evaluate(FOR_THE_EYE), len(kinds), sum(sizes.values()) / 1024, video)


def painted(browser: Browser, url: str) -> Painted:
    with tab(browser) as page:
        page.add_init_script(OBSERVE)
        visit(page, url)
        return Painted(**page.evaluate("() => window.seen"))


def median(seen: list[Painted], name: str) -> float:
    return statistics.median(getattr(one, name) for one in seen)


def report(brought: Loaded, ours: list[Painted], plain: list[Painted]) -> None:
    fcp, lcp = median(plain, "fcp"), median(plain, "lcp")
    print(f"the floor: FCP {fcp:.0f} ms, LCP {lcp:.0f} ms, TBT {median(plain, 'blocked'):.0f} ms")
    rows = [
        ("FCP", median(ours, "fcp"), 1.3 * fcp, "ms"),
        ("LCP", median(ours, "lcp"), min(600, 1.5 * lcp), "ms"),
        ("TBT", median(ours, "blocked"), 50, "ms"),
        ("elements", brought.elements, 900, ""),
        ("requests", brought.requests, 45, ""),
        ("transferred", brought.kilobytes, 500, "KB"),
        ("video before hover", brought.video, 0, "bytes"),
    ]
    for words, found, most, unit in rows:
        print(f"{words:20} {found:7.0f} {unit:5} of at most {most:5.0f}{'' if found <= most else '  OVER'}")


def main() -> None:
    path = desktop_chromium()
    if not path:
        raise SystemExit("no Chromium on this machine")
    with tempfile.TemporaryDirectory() as folder:
        filling = get_context("spawn").Process(target=fill, args=[folder])
        filling.start()
        filling.join()
        with studio(folder) as base, floor(base) as copied, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
            brought = loaded(browser, f"{base}gallery/")  # the first visit of all starts more than a page
            visits = [(painted(browser, f"{base}gallery/"), painted(browser, copied)) for _ in range(TIMES)]
            browser.close()
        print(f"{TAKES} takes, {TIMES} visits of {WATCHED_S} s each")
        report(brought, *map(list, zip(*visits, strict=True)))


if __name__ == "__main__":
    main()

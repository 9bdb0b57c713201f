"""What a video of 1 GB costs on its way to the service: `make bench-upload`. Prints figures, decides nothing.

Needs 4 GB of free disk, and Linux, whose /proc tells what memory a process holds."""

import http.client
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import av
from PIL import Image

PROJECT = Path(__file__).resolve().parent.parent
MEGABYTE = 1024**2
FRAMES = 1000
SIZE = (640, 360)
FILLER_NAL = 12
"""Bytes of H.264 that decoders skip: real samples, at no cost of encoding."""
PATIENCE_S = 300
PARTS = {"web": " serve", "worker": " run_worker", "preparer": "generations.media.preparer"}


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


# A film of 1 GB


def film(path: Path) -> None:
    """A thousand frames of a megabyte each."""
    filler = struct.pack(">IB", MEGABYTE + 1, FILLER_NAL) + b"\xff" * (MEGABYTE - 1) + b"\x80"
    small = path.with_suffix(".small.mp4")
    with av.open(str(small), "w") as box:
        stream: Any = box.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for number in range(FRAMES):
            frame: Any = av.VideoFrame.from_image(Image.new("RGB", SIZE, (number % 256,) * 3))  # type: ignore[no-untyped-call]
            box.mux(stream.encode(frame))
        box.mux(stream.encode())
    with av.open(str(small)) as source, av.open(str(path), "w") as out:
        copy: Any = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                out.mux(padded(packet, filler, copy))
    small.unlink()


def padded(packet: Any, filler: bytes, stream: Any) -> Any:
    large = av.Packet(bytes(packet) + filler)
    large.pts, large.dts, large.time_base = packet.pts, packet.dts, packet.time_base
    large.is_keyframe, large.stream = packet.is_keyframe, stream
    return large


# Memory


class Watch:
    """The most that each part of the studio holds, looked at twenty times a second."""

    def __init__(self, studio_pid: int) -> None:
        self._studio, self.most, self._end = studio_pid, dict[str, int](), threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Watch":
        self.before = held(self._studio)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._end.wait(0.05):
            for part, kilobytes in held(self._studio).items():
                self.most[part] = max(self.most.get(part, 0), kilobytes)

    def report(self, what: str) -> None:
        for part in PARTS:
            before, most = self.before.get(part, 0) / 1024, self.most.get(part, 0) / 1024
            if most:
                print(f"{what:20} {part:9} {before:6.1f} MB, at most {most:6.1f} MB: +{most - before:.1f} MB")


def held(studio: int) -> dict[str, int]:
    """Kilobytes in memory, by part; processes that end meanwhile count for nothing."""
    found: dict[str, int] = {}
    for pid in descendants(studio):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        part = part_of(pid, command)
        match = re.search(r"VmRSS:\s+(\d+)", status)
        if part and match:
            found[part] = found.get(part, 0) + int(match[1])
    return found


_known: dict[int, str] = {}


def part_of(pid: int, command: str) -> str:
    """The server's own processes don't carry its name: they belong to the part that started them."""
    named = next((part for part, words in PARTS.items() if words in f" {command}"), "")
    _known[pid] = named or _known.get(parent_of(pid), "")
    return _known[pid]


def parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def descendants(root: int) -> Iterator[int]:
    """Parents come before their children."""
    pids = sorted(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal())
    family = {root}
    for pid in pids:
        if parent_of(pid) in family:
            family.add(pid)
            yield pid


# The browser's part


class Form(HTMLParser):
    """What a browser would send of the form that it was given."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values, self._select = dict[str, str](), ""
        self.feed(page)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in pairs}
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            self.values[self._select] = given["value"]
        elif tag == "input" and name and (kind in ("hidden", "text", "number") or "checked" in given):
            self.values.setdefault(name, given.get("value", ""))


class Browser:
    def __init__(self, port: str) -> None:
        self._port, self._cookie = port, ""

    def get(self, path: str) -> str:
        return str(self._ask("GET", path)[1])

    def post(self, path: str, values: dict[str, str]) -> int:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return int(self._ask("POST", path, urlencode(values).encode(), headers)[0])

    def upload(self, values: dict[str, str], file: Path) -> str:
        """The number of the asset; the file is sent bit by bit."""
        mark = uuid.uuid4().hex
        fields = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in values.items()
        ]
        disposition = f'Content-Disposition: form-data; name="file"; filename="{file.name}"'
        begin = "".join([*fields, f"--{mark}\r\n{disposition}\r\nContent-Type: video/mp4\r\n\r\n"]).encode()
        end = f"\r\n--{mark}--\r\n".encode()
        length = str(len(begin) + file.stat().st_size + len(end))
        headers = {"Content-Type": f"multipart/form-data; boundary={mark}", "Content-Length": length}
        status, page, answer = self._ask("POST", "/assets/", pieces(begin, file, end), headers)
        if status != 200:
            raise SystemExit(f"the upload answered {status}: {page[:2000]}")
        return answer["X-Asset"] or ""

    def _ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", int(self._port), timeout=PATIENCE_S)
        connection.request(method, path, body, {"Cookie": self._cookie, **(headers or {})})
        answer = connection.getresponse()
        page = answer.read().decode()
        given = [value for name, value in answer.getheaders() if name.lower() == "set-cookie"]
        self._cookie = "; ".join(value.partition(";")[0] for value in given) or self._cookie
        return answer.status, page, answer.headers


def pieces(begin: bytes, file: Path, end: bytes) -> Iterator[bytes]:
    yield begin
    with file.open("rb") as content:
        while piece := content.read(MEGABYTE):
            yield piece
    yield end


def wait_for_order(sandbox_port: str) -> None:
    """Until the service has the order, and so the file."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        connection = http.client.HTTPConnection("127.0.0.1", int(sandbox_port), timeout=30)
        connection.request("GET", "/sandbox/requests?key=sandbox")
        if json.loads(connection.getresponse().read()):
            return
        time.sleep(0.2)
    raise SystemExit("the order did not reach the service")


def settle(studio_pid: int) -> None:
    """After a start the worker reads the catalog and brings past takes home: until its memory rests."""
    before, rested = 0, 0
    for _ in range(120):
        now = held(studio_pid).get("worker", 0)
        rested = rested + 1 if abs(now - before) < 512 else 0
        if rested == 10:
            return
        before = now
        time.sleep(1)


def measure(folder: str, studio_pid: int, ports: dict[str, str]) -> None:
    path = Path(folder) / "film.mp4"
    film(path)
    browser = Browser(ports["STUDIO_PORT"])
    values = Form(browser.get("/create/?from=1&kind=video_upscale")).values
    settle(studio_pid)
    print(f"{path.stat().st_size / MEGABYTE:,.0f} MB")
    with Watch(studio_pid) as watch:
        began = time.monotonic()
        asset = browser.upload({**values, "role": "video"}, path)
        print(f"uploaded in {time.monotonic() - began:.1f} s")
    watch.report("upload")
    path.unlink()
    with Watch(studio_pid) as watch:
        began = time.monotonic()
        status = browser.post("/create/", {**values, "video": asset, "seen_price": ""})
        if status != 302:
            raise SystemExit(f"the order answered {status}")
        wait_for_order(ports["SANDBOX_PORT"])
        print(f"at the service in {time.monotonic() - began:.1f} s")
    watch.report("on to the service")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        ports = {"STUDIO_PORT": free_port(), "SANDBOX_PORT": free_port()}
        env = os.environ | ports | {"STUDIO_DATA_DIR": folder, "HEDRA_API_KEY": "", "HOOX_API_KEY": ""}
        command = [sys.executable, str(PROJECT / "manage.py"), "studio"]
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, start_new_session=True) as studio:
            try:
                if not studio.stdout or not studio.stdout.readline():
                    raise SystemExit("the studio did not start")
                measure(folder, studio.pid, ports)
            finally:
                studio.send_signal(signal.SIGINT)
                studio.wait()


if __name__ == "__main__":
    main()

"""What memory an archive of 200 takes costs the studio: `make bench-zip`. Prints figures, decides nothing.

Needs 3 GB of free disk, and Linux, whose /proc tells what memory a process holds."""

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.upload import MEGABYTE, PATIENCE_S, Watch, free_port

PROJECT = Path(__file__).resolve().parent.parent
TAKES = 200
PADDING = 5 * MEGABYTE
"""Of each clip, in its own free space: what is measured is the way of the bytes."""


def fill(folder: str) -> None:
    """Finished takes, each with a clip of its own."""
    os.environ |= {"STUDIO_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "hedra_studio.settings"}
    import django
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage
    from django.core.management import call_command

    django.setup()
    call_command("prepare")
    from hedra_studio.middleware import local_owner
    from tests.factories import make_take, mp4

    owner, clip = local_owner(), mp4(5)
    padded = clip + (8 + PADDING).to_bytes(4) + b"free" + os.urandom(PADDING)
    for number in range(TAKES):
        name = default_storage.save(f"takes/{number}.mp4", ContentFile(padded))
        make_take(owner, prompt=f"Take number {number}", result=name, content_type="video/mp4")


def serve(port: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(PROJECT / "manage.py"), "serve"]
    server = subprocess.Popen(command, env=os.environ | {"STUDIO_PORT": port}, start_new_session=True)
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return server
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the studio did not start")


def download(port: str, target: Path, **asked: str) -> int:
    """Sent as a browser does: with the token of the page."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=PATIENCE_S)
    connection.request("GET", "/gallery/")
    page = connection.getresponse()
    cookie = (page.getheader("Set-Cookie") or "").partition(";")[0]
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.read().decode())
    form = urlencode({**asked, "csrfmiddlewaretoken": token[1] if token else ""})
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/gallery/zip/", form, headers)
    answer = connection.getresponse()
    if answer.status != 200:
        raise SystemExit(f"the studio answered {answer.status}")
    with target.open("wb") as file:
        shutil.copyfileobj(answer, file, MEGABYTE)
    return target.stat().st_size


def check(target: Path) -> str:
    if found := shutil.which("unzip"):
        done = subprocess.run([found, "-tq", str(target)], capture_output=True, text=True, check=False)
        return f"unzip -t: {done.stdout.strip() or done.stderr.strip()}"
    with zipfile.ZipFile(target) as archive:
        return f"testzip: {archive.testzip() or 'no errors'} in {len(archive.namelist())} entries"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"HEDRA_API_KEY": "", "HOOX_API_KEY": "", "DATABASE_URL": "", "DEBUG": ""}
        fill(folder)
        port, target = free_port(), Path(folder) / "takes.zip"
        server = serve(port)
        try:
            download(port, target, take="1")  # all code is loaded
            with Watch(os.getpid()) as watch:
                began = time.monotonic()
                size = download(port, target, everything="1")
                took = time.monotonic() - began
            print(f"{TAKES} takes, {size / MEGABYTE:,.0f} MB in {took:.1f} s")
            watch.report("archive")
            print(check(target))
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()


if __name__ == "__main__":
    main()

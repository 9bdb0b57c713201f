"""What stops a start: one clear line on stderr, exit code 2."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project.running import PROJECT, environment, free_port, manage


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def refusal(data: Path, **settings: object) -> str:
    result = manage("studio", env=environment(data, **settings))
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.endswith("\n")
    assert len(result.stderr.splitlines()) == 1
    return result.stderr.strip()


def test_a_bad_setting(tmp_path: Path) -> None:
    words = refusal(tmp_path, STUDIO_PORT="abc")
    assert words == "STUDIO_PORT must be a whole number from 1 to 65535, not 'abc'"


def test_a_bad_setting_of_any_command(tmp_path: Path) -> None:
    result = manage("check", env=environment(tmp_path, DEBUG="perhaps"))
    assert (result.returncode, result.stderr) == (2, "DEBUG must be on or off, not 'perhaps'\n")


def test_debug_where_others_can_see_it(tmp_path: Path) -> None:
    words = refusal(tmp_path, DEBUG="on", STUDIO_HOST="0.0.0.0", ALLOWED_HOSTS="studio.example.com")
    assert words.startswith("DEBUG ")


@pytest.mark.parametrize("setting", ["STUDIO_PORT", "SANDBOX_PORT"])
def test_a_taken_port(tmp_path: Path, taken_port: int, setting: str) -> None:
    words = refusal(tmp_path, **{setting: taken_port})
    assert words == f"Port {taken_port} is taken by another program; choose another with {setting}"


def test_a_public_address_that_nobody_would_answer(tmp_path: Path) -> None:
    words = refusal(tmp_path, PUBLIC_URL="https://studio.example.com", ALLOWED_HOSTS="other.example.com")
    assert words.startswith("PUBLIC_URL names a host that ALLOWED_HOSTS doesn't")


def test_one_port_for_two(tmp_path: Path) -> None:
    port = free_port()
    assert "must differ" in refusal(tmp_path, STUDIO_PORT=port, SANDBOX_PORT=port)


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    words = refusal(tmp_path, STUDIO_HOST="192.0.2.1")
    assert re.match(r"Can't listen on 192\.0\.2\.1 port \d+ \(.+\)", words)


def test_a_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert re.match(r"STUDIO_DATA_DIR: can't write to .*/file \(.+\)$", refusal(tmp_path / "file"))


def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    words = refusal(tmp_path, DATABASE_URL=f"postgres://studio:hidden@127.0.0.1:{free_port()}/takes")
    assert words.startswith("The database can't be used: ")
    assert "hidden" not in words


@pytest.mark.parametrize("server", ["redis", "postgres"])
def test_a_queue_that_does_not_answer(tmp_path: Path, server: str) -> None:
    url = f"{server}://studio:hidden@127.0.0.1:{free_port()}/0"
    words = refusal(tmp_path, QUEUE_URL=url, SECRET_KEY="x" * 40)
    assert words.startswith("The queue can't be used: ")
    assert "hidden" not in words


def test_a_bucket_that_does_not_answer(tmp_path: Path) -> None:
    bucket = {"MEDIA_S3_BUCKET": "takes", "MEDIA_S3_ACCESS_KEY": "a", "MEDIA_S3_SECRET_KEY": "hidden"}
    endpoint = f"http://127.0.0.1:{free_port()}"
    words = refusal(tmp_path, **bucket, MEDIA_S3_ENDPOINT=endpoint, SECRET_KEY="x" * 40)
    assert words.startswith("The bucket can't be used: ")
    assert "hidden" not in words


@pytest.mark.parametrize("shared", ["QUEUE_URL", "MEDIA_S3_BUCKET"])
def test_several_machines_without_a_key_in_common(tmp_path: Path, shared: str) -> None:
    bucket = {"MEDIA_S3_BUCKET": "takes", "MEDIA_S3_ACCESS_KEY": "a", "MEDIA_S3_SECRET_KEY": "b"}
    words = refusal(tmp_path, **bucket if shared == "MEDIA_S3_BUCKET" else {shared: "redis://127.0.0.1"})
    assert words == f"{shared} is for several machines: give them all the same SECRET_KEY"


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "studio.sqlite3").write_bytes(b"not a database" * 100)
    assert refusal(tmp_path).startswith("The database can't be used: ")


def test_an_old_python() -> None:
    pretend = (
        "import runpy, sys; sys.version_info = (3, 10, 4, 'final', 0); sys.modules['hedra_studio'] = None;"
        f"runpy.run_path({str(PROJECT / 'manage.py')!r}, run_name='__main__')"
    )
    result = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (
        2,
        f"Hedra Studio needs Python 3.11 or newer; {sys.executable} is 3.10.\n",
    )

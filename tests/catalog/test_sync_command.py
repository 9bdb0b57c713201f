"""`manage.py sync_catalog`, in this process and as two real ones."""

import os
import subprocess
import sys
from pathlib import Path
from threading import Barrier

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from catalog.models import Account, AIModel
from tests.catalog.factories import real_rows, row
from tests.clients.server import Handler, ScriptedServer, json_answer

PROJECT = Path(__file__).parents[2]


def test_it_says_what_changed(
    account: Account, service: ScriptedServer, capsys: pytest.CaptureFixture[str]
) -> None:
    service.will(json_answer(real_rows()))

    call_command("sync_catalog")

    count = len(real_rows())
    assert capsys.readouterr().out == f"Hedra sandbox: {count} models; {count} added.\n"


def test_a_failure_is_one_line(account: Account, service: ScriptedServer) -> None:
    service.will(json_answer([]))

    with pytest.raises(CommandError, match=r"^Hedra sandbox sent an empty list of models\..*$"):
        call_command("sync_catalog")
    assert not AIModel.objects.exists()


class Installation:
    """A studio with a database file of its own, whose commands run as real processes."""

    def __init__(self, data: Path, service_url: str) -> None:
        names = {
            "HEDRA_API_KEY": "sk_hedra_test",
            "HEDRA_BASE_URL": service_url,
            "STUDIO_DATA_DIR": str(data),
            "DATABASE_URL": "",
        }
        self.environment = {**os.environ, **names, "DJANGO_SETTINGS_MODULE": "hedra_studio.settings"}

    def start(self, *command: str) -> "subprocess.Popen[str]":
        line = [sys.executable, "manage.py", *command]
        pipe = subprocess.PIPE
        return subprocess.Popen(line, cwd=PROJECT, env=self.environment, stdout=pipe, stderr=pipe, text=True)

    def run(self, *command: str) -> tuple[int, str]:
        with self.start(*command) as process:
            out, err = process.communicate(timeout=60)
            return process.returncode, out + err


@pytest.fixture
def installation(tmp_path: Path, service: ScriptedServer) -> Installation:
    installation = Installation(tmp_path, service.url)
    code, output = installation.run("migrate", "--verbosity=0")
    assert code == 0, output
    return installation


@pytest.mark.slow
def test_two_syncs_at_once_make_no_duplicates(installation: Installation, service: ScriptedServer) -> None:
    both_asked = Barrier(2, timeout=30)
    rows = [row(f"Model {number}") for number in range(200)]

    def together(handler: Handler) -> None:
        both_asked.wait()
        json_answer(rows)(handler)

    service.will(together, together)
    first, second = installation.start("sync_catalog"), installation.start("sync_catalog")
    outputs = sorted(process.communicate(timeout=60)[0] for process in (first, second))

    assert (first.returncode, second.returncode) == (0, 0)
    assert outputs == ["Hedra: 200 models; 200 added.\n", "Hedra: 200 models; no changes.\n"]


@pytest.mark.slow
def test_a_failure_ends_with_one_line(installation: Installation, service: ScriptedServer) -> None:
    service.will(json_answer({"detail": "invalid api key"}, 401))

    code, output = installation.run("sync_catalog")

    assert code == 1
    assert output.startswith("CommandError: ")
    assert len(output.splitlines()) == 1
    assert "sk_hedra_test" not in output

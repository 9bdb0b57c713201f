from pathlib import Path

import pytest

from hedra_studio.refused import Refused
from hedra_studio.storage import SQLITE_OPTIONS, database

PROJECT = Path("/project")
DEFAULT = Path("/data/studio.sqlite3")


def test_sqlite_in_the_data_folder_is_the_default() -> None:
    config = database("", DEFAULT, PROJECT)
    assert (config["NAME"], config["OPTIONS"]) == (str(DEFAULT), SQLITE_OPTIONS)


def test_a_relative_file_belongs_to_the_project_wherever_a_command_is_run() -> None:
    assert database("sqlite:///mine.sqlite3", DEFAULT, PROJECT)["NAME"] == "/project/mine.sqlite3"


def test_postgres_is_taken_from_the_url() -> None:
    config = database("postgres://studio:pw@db.example:5433/takes", DEFAULT, PROJECT)
    assert (config["HOST"], config["PORT"], config["NAME"]) == ("db.example", 5433, "takes")
    assert config["CONN_HEALTH_CHECKS"]


@pytest.mark.parametrize(
    "url", ["nonsense", "oracle://studio:pw@db/takes", "mysql://studio:pw@db/takes", "sqlite://:memory:"]
)
def test_another_database_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(Refused, match=r"^DATABASE_URL") as refusal:
        database(url, DEFAULT, PROJECT)
    assert "pw" not in str(refusal.value)

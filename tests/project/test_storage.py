from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import IncompleteReadError

from hedra_studio.bucket import _chunks
from hedra_studio.env import Environment
from hedra_studio.refused import Refused
from hedra_studio.storage import SQLITE_OPTIONS, database, media, queue

PROJECT = Path("/project")
DEFAULT = Path("/data/studio.sqlite3")
BUCKET = {
    "MEDIA_S3_BUCKET": "takes",
    "MEDIA_S3_ACCESS_KEY": "studio",
    "MEDIA_S3_SECRET_KEY": "pw-of-the-bucket",
}


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


@pytest.mark.parametrize(
    ("url", "huey_class"),
    [
        ("", "huey.SqliteHuey"),
        ("redis://:pw@queue.example:6379/2", "huey.RedisHuey"),
        ("rediss://queue.example", "huey.RedisHuey"),
        ("postgres://studio:pw@db.example:5433/queue", "huey.PostgresHuey"),
        ("postgresql://db.example/queue", "huey.PostgresHuey"),
    ],
)
def test_the_queue_is_a_file_or_a_server(url: str, huey_class: str) -> None:
    config = queue(url, DEFAULT)
    assert config["huey_class"] == huey_class
    assert not url or url in config.values()


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "redis://",
        "redis://:pw@queue.example/name",
        "redis://:pw@queue.example:port/0",
        "redis://:pw@queue.example?socket_timeout=soon",
        "postgres://",
        "postgres://studio:pw@db.example:port/queue",
        "postgres://studio:pw@db.example/queue?color=blue",
        "amqp://studio:pw@queue.example",
        "sqlite:///pw",
    ],
)
def test_another_queue_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(Refused, match=r"^QUEUE_URL must be like redis://") as refusal:
        queue(url, DEFAULT)
    assert "pw" not in str(refusal.value)


def test_media_are_in_the_data_folder_unless_a_bucket_is_named() -> None:
    assert media(Environment({}))["BACKEND"].endswith("DiskStorage")
    options = media(Environment(BUCKET))["OPTIONS"]
    assert (options["bucket_name"], options["endpoint_url"]) == ("takes", None)
    elsewhere = {"MEDIA_S3_ENDPOINT": "http://store:9000/", "MEDIA_S3_REGION": "garage"}
    options = media(Environment(BUCKET | elsewhere))["OPTIONS"]
    assert (options["endpoint_url"], options["region_name"]) == ("http://store:9000", "garage")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, "") for name in BUCKET),
        ("MEDIA_S3_BUCKET", "Takes of mine"),
        ("MEDIA_S3_BUCKET", "a/b"),
        ("MEDIA_S3_ENDPOINT", "store:9000"),
        ("MEDIA_S3_ENDPOINT", "ftp://store"),
        ("MEDIA_S3_ENDPOINT", "http://store/takes"),
        ("MEDIA_S3_ENDPOINT", "http://studio:pw@store"),
        ("MEDIA_S3_ENDPOINT", "http://store:port"),
        ("MEDIA_S3_SECRET_KEY", "pw with a space"),
    ],
)
def test_half_a_bucket_or_a_bad_one_is_refused_without_its_key(name: str, value: str) -> None:
    with pytest.raises(Refused, match=name) as refusal:
        media(Environment(BUCKET | {name: value}))
    assert "pw" not in str(refusal.value)


def test_an_address_of_a_store_alone_is_not_enough() -> None:
    with pytest.raises(Refused, match="MEDIA_S3_ENDPOINT is set and MEDIA_S3_BUCKET is not"):
        media(Environment({"MEDIA_S3_ENDPOINT": "http://store:9000"}))


def test_a_bucket_that_breaks_off_is_told_as_of_a_disk() -> None:
    class Body:
        def iter_chunks(self, size: int) -> Iterator[bytes]:
            yield b"some"
            raise IncompleteReadError(actual_bytes=4, expected_bytes=9)

        def close(self) -> None:
            pass

    chunks = _chunks("takes/clip.mp4", Body())
    assert next(chunks) == b"some"
    with pytest.raises(OSError, match="4"):
        next(chunks)

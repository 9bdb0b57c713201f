"""Database, queue and media as settings. A url may hold a password: no refusal repeats one."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from redis.connection import parse_url

from hedra_studio.env import Environment
from hedra_studio.refused import Refused

# Django's defaults meet "database is locked" as soon as worker and pages write together.
SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
QUEUE_URLS = "redis://:password@host:6379/0 or postgres://user:password@host:5432/name"
BUCKET_NEEDS = ("MEDIA_S3_BUCKET", "MEDIA_S3_ACCESS_KEY", "MEDIA_S3_SECRET_KEY")
BUCKET = (*BUCKET_NEEDS, "MEDIA_S3_ENDPOINT", "MEDIA_S3_REGION")
PREPARED_FROM = 3
"""Asked so often by one connection, a question is prepared where its cursor can do so; five times later its
plan may be kept."""


def database(url: str, default: Path, project: Path) -> dict[str, Any]:
    try:
        config: dict[str, Any] = dict(dj_database_url.parse(url or f"sqlite:///{default}", conn_max_age=60))
    except (ValueError, KeyError):
        raise Refused("DATABASE_URL must be like postgres://user:password@host:5432/name") from None
    if config["ENGINE"] == "django.db.backends.sqlite3":
        if config["NAME"] == ":memory:":
            raise Refused("DATABASE_URL must name a file: pages and worker could not share one in memory")
        config["NAME"] = str(project / str(config["NAME"]))
        config["OPTIONS"] = SQLITE_OPTIONS
    elif config["ENGINE"] == "django.db.backends.postgresql":
        config["CONN_HEALTH_CHECKS"] = True
        config["OPTIONS"] = {**config.get("OPTIONS", {}), "prepare_threshold": PREPARED_FROM}
    else:
        raise Refused("DATABASE_URL must name a postgres:// or sqlite:/// database")
    return config


def queue(url: str, default: Path) -> dict[str, Any]:
    """Of huey: a file for the processes of one machine, or a server that the workers of several share."""
    common = {"name": "studio", "results": False, "immediate": False}
    if not url:
        return {"huey_class": "huey.SqliteHuey", "filename": str(default), **common}
    try:
        if _is_redis(url):
            return {"huey_class": "huey.RedisHuey", "url": url, **common}
        if _is_postgresql(url):  # its tables are made by `prepare`, not by whoever imports huey
            return {"huey_class": "huey.PostgresHuey", "dsn": url, "create_tables": False, **common}
    except (ValueError, ProgrammingError):
        pass
    raise Refused(f"QUEUE_URL must be like {QUEUE_URLS}")


def _is_redis(url: str) -> bool:
    """Raises ValueError."""
    parts = urlsplit(url)
    known = parts.scheme in {"redis", "rediss"} and bool(parts.hostname)
    return known and bool(re.fullmatch(r"/?\d*", parts.path)) and bool(parse_url(url))  # type: ignore[no-untyped-call]


def _is_postgresql(url: str) -> bool:
    """Raises ProgrammingError, and ValueError."""
    known = urlsplit(url).scheme in {"postgres", "postgresql"} and urlsplit(url).port != 0
    return known and bool(conninfo_to_dict(url).get("host"))


def media(env: Environment) -> dict[str, Any]:
    """Where clips and inputs are kept: the data folder, or a bucket that every machine reaches."""
    given = [name for name in BUCKET if env.text(name)]
    if not given:
        return {"BACKEND": "hedra_studio.disk.DiskStorage"}
    if missing := [name for name in BUCKET_NEEDS if name not in given]:
        raise Refused(f"{given[0]} is set and {missing[0]} is not: a bucket needs {', '.join(BUCKET_NEEDS)}")
    return {
        "BACKEND": "hedra_studio.bucket.Bucket",
        "OPTIONS": {
            "bucket_name": env.bucket("MEDIA_S3_BUCKET"),
            "endpoint_url": env.endpoint("MEDIA_S3_ENDPOINT") or None,
            "region_name": env.text("MEDIA_S3_REGION", "us-east-1"),
            "access_key": env.api_key("MEDIA_S3_ACCESS_KEY"),
            "secret_key": env.api_key("MEDIA_S3_SECRET_KEY"),
        },
    }

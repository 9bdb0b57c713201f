"""Database and queue as settings."""

from pathlib import Path
from typing import Any

import dj_database_url

from hedra_studio.refused import Refused

# Django's defaults meet "database is locked" as soon as worker and pages write together.
SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


def database(url: str, default: Path, project: Path) -> dict[str, Any]:
    try:
        # The url may hold a password: it is never repeated in the refusal.
        config = dict(dj_database_url.parse(url or f"sqlite:///{default}", conn_max_age=60))
    except (ValueError, KeyError):
        raise Refused("DATABASE_URL must be like postgres://user:password@host:5432/name") from None
    if config["ENGINE"] == "django.db.backends.sqlite3":
        if config["NAME"] == ":memory:":
            raise Refused("DATABASE_URL must name a file: pages and worker could not share one in memory")
        config["NAME"] = str(project / str(config["NAME"]))
        config["OPTIONS"] = SQLITE_OPTIONS
    elif config["ENGINE"] == "django.db.backends.postgresql":
        config["CONN_HEALTH_CHECKS"] = True
    else:
        raise Refused("DATABASE_URL must name a postgres:// or sqlite:/// database")
    return config


def queue(path: Path) -> dict[str, Any]:
    return {
        "huey_class": "huey.SqliteHuey",
        "name": "studio",
        "filename": str(path),
        "results": False,
        "immediate": False,
        "consumer": {"workers": 4, "worker_type": "thread"},
    }

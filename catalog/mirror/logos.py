"""Logos of AI models: linked by address, fetched and drawn anew in a process of its own, and kept."""

import json
import logging
import os
import signal
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from catalog import services
from catalog.models import Account, AIModel, Logo
from catalog.models.logo import digest_of, file_name
from catalog.services import Service
from clients.parsing import as_row, loads

log = logging.getLogger(__name__)

PROJECT_DIR = Path(__file__).resolve().parents[2]
MAKER = [sys.executable, "-m", "catalog.mirror.logo_maker"]
MAKER_TIMEOUT_S = 30
"""The maker ends itself sooner; this is for one that can't."""
RUN_S = 30
"""So long a run begins further logos; the rest waits for the next one."""
LEASE = timedelta(minutes=5)
"""A logo whose fetching was cut off by the end of the worker is due again after it."""
FRESH = timedelta(days=7)
FIRST_PAUSE = timedelta(days=1)
FIRST_PASSING_PAUSE = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(days=30)
MOST_DOUBLINGS = 12
LARGEST_PICTURE_BYTES = 64 * 1024
PNG = b"\x89PNG\r\n\x1a\n"
UNDRAWABLE = "No picture could be made of it: it is damaged, blank, of an unknown kind, or far too heavy."
TOO_SLOW = "It took too long to come."
HTTP_ENVIRONMENT = frozenset(
    {
        *("PATH", "LANG", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
        *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    }
)
"""All that the maker is told of our environment. Keys and passwords are in it too."""


def link(account: Account) -> None:
    """Give each model on offer the logo of its address; forget the logos that no model has any more."""
    moved = list(_moved(account))
    if moved:
        with transaction.atomic():
            logos = _logos(model.logo_url for model in moved if model.logo_url)
            for model in moved:
                model.logo = logos.get(model.logo_url)
            AIModel.objects.bulk_update(moved, ["logo"], batch_size=100)
        account.touch()
    _forget_unused()


def due(account: Account) -> QuerySet[Logo]:
    """The logos to fetch now, longest waiting first."""
    mine = Logo.objects.filter(models__account=account, models__retired_at=None)
    return mine.filter(due_at__lte=timezone.now()).order_by("due_at", "pk").distinct()


def fetch_due(account: Account) -> int:
    """Fetch what is due, for RUN_S at most; the number of logos tried."""
    service = services.connected().get(account.service)
    end, tried = monotonic() + RUN_S, 0
    for logo in due(account):
        if service is None or monotonic() > end:
            break
        if _claim(logo):
            _fetch(logo, service)
            tried += 1
    return tried


def fetch_anew(logo: Logo) -> None:
    """Its file is lost. One that is being fetched, or failed of late, keeps its own time."""
    now = timezone.now()
    Logo.objects.filter(pk=logo.pk, failures=0, due_at__gt=now + LEASE).update(due_at=now)


def _moved(account: Account) -> QuerySet[AIModel]:
    """Models on offer whose logo is not that of their address."""
    offered = AIModel.objects.filter(account=account, retired_at=None)
    return offered.exclude(logo_url="", logo=None).exclude(logo__url=F("logo_url"))


def _logos(urls: Iterable[str]) -> dict[str, Logo]:
    digests = {digest_of(url): url for url in urls}
    Logo.objects.bulk_create(
        [Logo(digest=digest, url=url) for digest, url in digests.items()], ignore_conflicts=True
    )
    return {logo.url: logo for logo in Logo.objects.filter(digest__in=digests)}


def _forget_unused() -> None:
    for logo in Logo.objects.filter(models=None):
        # The row first, and only if no model has taken it meanwhile.
        if Logo.objects.filter(pk=logo.pk, models=None).delete()[0] and logo.file.name:
            default_storage.delete(logo.file.name)


def _claim(logo: Logo) -> bool:
    """For this process alone, until the lease is over."""
    free = Logo.objects.filter(pk=logo.pk, due_at=logo.due_at)
    return bool(free.update(due_at=timezone.now() + LEASE))


def _fetch(logo: Logo, service: Service) -> None:
    answer = _answer(logo.url, service)
    if answer.picture:
        _keep(logo, answer)
    else:
        log.info("logo %s: %s", logo.digest[:12], answer.error)
        _put_off(logo, answer)


@dataclass(frozen=True)
class _Answer:
    """Of the maker: a picture, or why there is none."""

    picture: bytes = b""
    is_light: bool = False
    error: str = ""
    passing: bool = False


def _answer(url: str, service: Service) -> _Answer:
    order = json.dumps({"url": url, "service": service.label, "base_url": service.url})
    try:
        process = subprocess.run(
            MAKER,
            input=order.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=MAKER_TIMEOUT_S,
            check=False,
            cwd=PROJECT_DIR,
            env=_environment(),
        )
    except subprocess.TimeoutExpired:
        return _Answer(error=TOO_SLOW)
    if process.returncode == 0:
        return _read(process.stdout)
    return _Answer(error=TOO_SLOW if process.returncode == -signal.SIGALRM else UNDRAWABLE)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.upper() in HTTP_ENVIRONMENT}


def _read(answer: bytes) -> _Answer:
    """One that can't be read is as good as none: the maker opens what might break it."""
    try:
        said = as_row(loads(answer))
        picture = b64decode(said.text("picture") or "")
    except ValueError:
        return _Answer(error=UNDRAWABLE)
    if error := said.text("error"):
        return _Answer(error=error, passing=said.flag("passing") or False)
    is_light = said.flag("is_light")
    if is_light is None or not picture.startswith(PNG) or len(picture) > LARGEST_PICTURE_BYTES:
        return _Answer(error=UNDRAWABLE)
    return _Answer(picture, is_light=is_light)


def _keep(logo: Logo, answer: _Answer) -> None:
    name, before, now = file_name(logo.digest, answer.picture), logo.file.name or "", timezone.now()
    _store(name, answer.picture)
    row = Logo.objects.filter(pk=logo.pk)
    facts = {"file": name, "is_light": answer.is_light, "fetched_at": now, "due_at": now + FRESH}
    if not row.update(**facts, error="", failures=0):
        default_storage.delete(name)  # forgotten meanwhile
    elif name != before:
        _touch_accounts(logo)
        if before:
            default_storage.delete(before)


def _store(name: str, picture: bytes) -> None:
    """Names hold the content's hash; what is there in another size was cut off while it was written."""
    if default_storage.exists(name):
        if default_storage.size(name) == len(picture):
            return
        default_storage.delete(name)
    default_storage.save(name, ContentFile(picture))


def _touch_accounts(logo: Logo) -> None:
    for account in Account.objects.filter(models__logo=logo).distinct():
        account.touch()


def _put_off(logo: Logo, answer: _Answer) -> None:
    first = FIRST_PASSING_PAUSE if answer.passing else FIRST_PAUSE
    pause = min(first * 2 ** min(logo.failures, MOST_DOUBLINGS), LONGEST_PAUSE)
    failures = min(logo.failures, MOST_DOUBLINGS) + 1
    Logo.objects.filter(pk=logo.pk).update(
        error=answer.error, failures=failures, due_at=timezone.now() + pause
    )

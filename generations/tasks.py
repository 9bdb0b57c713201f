"""What the queue runs. A lost or doubled message does no harm: rows say what is due, claims who does it."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import HUEY, db_periodic_task, db_task

from catalog.models import Account
from catalog.services import HEDRA, HOOX
from clients.errors import NotFound, ServiceError
from hedra_studio.logs import about

from . import history, leases, lifecycle, moving, orders, pictures, room, trash, uploads
from .models import LOCAL, REMOTE, Generation, News, Status
from .orders import unclear

log = logging.getLogger(__name__)

TOGETHER = timedelta(seconds=0.5)
"""Takes that are due within this are looked at in the same call."""
AT_ONCE, AT_FIRST = 100, 4
"""So many takes are handed out in one sweep; of a service that has just come back, so few."""
IMPORTS_AT_ONCE = 2  # a long history must not keep a new take waiting for a free thread


@db_task()
def advance(pk: int) -> None:
    """Take one row through its local steps, if it is due and free."""
    mine = Generation.objects.filter(pk=pk, status__in=LOCAL)
    _advance(next(filter(None, (mine.claim(account, 1) for account in Account.objects.connected())), []))


def _advance(takes: list[Generation]) -> None:
    with leases.holding(takes):
        for take in takes:
            lifecycle.advance(take)


def poll(service: str = HEDRA) -> None:
    """Ask the service about all rows that are due for a look; of one that is away, only whether it is back.

    Never through the queue: what waits there must not keep what is ready from being seen."""
    account = Account.objects.current(service)
    if account.resting:
        _knock(account)
        return
    running, most = Generation.objects.in_status(REMOTE), orders.of(account).LOOKS_AT_ONCE
    now = timezone.now()
    while not leases.are_given_back() and (takes := running.claim_with_next(account, most, now, TOGETHER)):
        with leases.holding(takes):
            lifecycle.poll(account, takes)
        wake([take.pk for take in takes if take.status in LOCAL])
        if account.is_slow:  # a call at a time, as the gate lets them through
            break


def _knock(account: Account) -> None:
    """The time for which a service was away counts against no take."""
    if (away := account.knock()) is not None:
        log.info("%s answers again after %s", account, away)
        Generation.objects.running().filter(account=account).give_time(away)


def sweep() -> None:
    """Hand everything due to the queue, unless the queue still has work: then nothing is waiting unseen."""
    if HUEY.pending_count():
        return
    for pk in News.objects.due().values_list("pk", flat=True)[:100]:
        hear(pk)
    for account in Account.objects.connected():
        if not account.resting:
            _sweep(account)


def _sweep(account: Account) -> None:
    steps = [status for status in LOCAL if status != Status.DOWNLOADING or not room.shortage()]
    local = Generation.objects.due(account).in_status(steps).order_by("next_attempt_at")
    most = AT_FIRST if account.is_slow else AT_ONCE
    imports = max(0, IMPORTS_AT_ONCE - Generation.objects.filter(imported=True).held().count())
    of_people, of_history = local.filter(imported=False)[:most], local.filter(imported=True)[:imports]
    for take in [*of_people.only("pk"), *of_history.only("pk")]:
        advance(take.pk)


def drain() -> None:
    """Do everything that is due right now, in this thread: one step of the worker, for tests and `--once`."""
    for account in Account.objects.connected():
        while not account.resting and (takes := Generation.objects.in_status(LOCAL).claim(account, 10)):
            _advance(takes)
        poll(account.service)
    pictures.make_wanted(at_once=True)


@db_task()
def hear(pk: int) -> None:
    """Look up what came as news; it is believed when the service says that there is such an asset."""
    if news := News.objects.claim(pk):
        with about(take=news.generation_id, service=HOOX):
            _hear(news)


def _hear(news: News) -> None:
    try:
        unclear.hear(news)
    except (NotFound, unclear.NotThisOrder) as error:
        log.warning("news of it is not believed: %s", error.detail or error)
    except ServiceError as error:  # a refused key, too, says nothing of the order
        log.info("news of it waits: %s", error.detail or error)
        return
    news.delete()


def wake(pks: list[int]) -> None:
    """After the commit, tell the workers about these rows; they would find them within a second anyway."""
    # Robust: a queue that is away costs a second, and must not tell people that what is stored has failed.
    transaction.on_commit(lambda: [advance(pk) for pk in pks] and None, robust=True)


@db_periodic_task(crontab(minute="*"))
def keep_balance_fresh() -> None:
    Account.objects.current().refresh_balance(max_age_s=50)


@db_periodic_task(crontab(minute="*/15"))
def rescue() -> None:
    """Adopt what the service's history holds and we don't, and what an older key of the account made."""
    history.import_for_owner(Account.objects.current())
    find_former()


def find_former() -> None:
    for account in Account.objects.connected():
        if account.service == HOOX:
            _find_former(account)


def _find_former(account: Account) -> None:
    try:
        moving.find_former(account)
    except ServiceError as error:
        log.info("former keys of account %s: %s", account.pk, error.detail or error)


@db_periodic_task(crontab(hour="4", minute="10"))
def rescue_all() -> None:
    """The same to the end of the history: what was given up long ago may have run in the meantime."""
    history.import_for_owner(Account.objects.current(), thorough=True)


@db_periodic_task(crontab(hour="4", minute="30"))
def tidy() -> None:
    log.info("emptied %s takes from the trash", trash.empty_trash())
    News.objects.forget_old()


def tidy_here() -> None:
    """Remove what was left lying on this machine: each worker does so for its own."""
    trash.forget_parts()
    pictures.find()
    if count := uploads.forget_cut():
        log.info("removed %s uploads that were cut off", count)

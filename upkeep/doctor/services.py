"""The services: is the key good, do the clocks agree, how old is the catalog."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from django.utils import timezone

from catalog.models import Account
from catalog.services import HOOX
from clients.errors import RateLimited, ServiceError, Unauthorized, Unavailable
from clients.hedra import HedraClient
from clients.hoox import HooxClient

from .finding import Finding, bad, ok, warn

MOST_AHEAD_S = 60
STALE_AFTER = timedelta(hours=2)
"""The worker reads each catalog every half hour."""


def answers() -> Iterator[Finding]:
    """Ask each service something small with its key: the balance, or where nothing tells one, the models."""
    for account in Account.objects.connected():
        client, ask = _question(account)
        yield _key(account, ask)
        yield from _clock(account, client)


def _question(account: Account) -> tuple[HedraClient | HooxClient, Callable[[], str]]:
    """What to ask, and what to say of the answer."""
    if account.service == HOOX:
        hoox = account.hoox()
        return hoox, lambda: f"{len(hoox.list_models().models)} models"
    client = account.client(read_timeout=10, retries=0)
    return client, lambda: _credits(client.credits().remaining)


def _credits(left: int | None) -> str:
    return "balance unknown" if left is None else f"{left:,} credits left"


def _key(account: Account, ask: Callable[[], str]) -> Finding:
    name = account.label
    try:
        told = ask()
    except Unauthorized as error:
        return bad("key", f"{name} refused it: {error}", "Put the right key into .env and start again.")
    except RateLimited as error:
        return warn("key", f"{name} takes no more questions for now: {error}", "Ask again in a minute.")
    except Unavailable as error:
        do = "Nothing is lost: takes go on when it answers. Is this machine online?"
        return bad("key", f"{name} can't be reached: {error}", do)
    except ServiceError as error:
        return bad("key", f"{name} answered in a way that can't be used: {error}", "Look at its status page.")
    if account.sandbox:
        return ok("key", f"{name}: no key, and none is needed; it costs nothing ({told})")
    return ok("key", f"{name} accepted it ({told})")


def _clock(account: Account, client: HedraClient | HooxClient) -> Iterator[Finding]:
    """A minute is what signed links and deadlines bear."""
    ahead = client.clock_ahead_s
    if ahead is None or account.sandbox:  # on this machine, by this machine's clock
        return
    if abs(ahead) > MOST_AHEAD_S:
        where = "ahead of" if ahead > 0 else "behind"
        says = f"this machine's clock is {abs(ahead):.0f} s {where} {account.label}'s"
        yield bad("clock", says, "Let it be set over the network (timedatectl set-ntp true): links break.")
    else:
        yield ok("clock", f"within {MOST_AHEAD_S} s of {account.label}'s")


def catalogs() -> Iterator[Finding]:
    for account in Account.objects.connected():
        yield _catalog(account)


def _catalog(account: Account) -> Finding:
    do = "The worker reads it every half hour; `manage.py sync_catalog` reads it now and says what is wrong."
    if account.synced_at is None:
        return bad("catalog", f"{account.label}'s was never read. {account.sync_error}".strip(), do)
    age = timezone.now() - account.synced_at
    if age > STALE_AFTER:
        says = f"{account.label}'s is {age.total_seconds() / 3600:.0f} hours old. {account.sync_error}"
        return warn("catalog", says.strip(), do)
    return ok("catalog", f"{account.label}: {account.models_offered} models, {age.seconds // 60} minutes old")

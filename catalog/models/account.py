"""Accounts at the services: credits, and how fresh their catalog is."""

from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from django.db import models, transaction
from django.db.models import Count, F, Q
from django.http import HttpRequest
from django.utils import timezone

from catalog import services
from catalog.models.budget import SharedBudget
from catalog.models.reading import BalanceReading
from catalog.models.rest import Rest, SharedGate
from catalog.services import HEDRA, HOOX, Service
from clients.answers import ModelList
from clients.errors import ServiceError, Unavailable
from clients.hedra import HedraClient
from clients.hoox import HooxClient
from clients.http import READ_RETRIES

BALANCE_CONNECT_S = 1
BALANCE_READ_S = 2
_BALANCE = ["balance", "balance_at", "balance_tried_at"]
_UNKNOWN = {"balance": None, "balance_at": None}


class NotConnected(Unavailable):
    """The account's key is not the one in use; what it holds can be reached again once it is put back."""


class AccountManager(models.Manager["Account"]):
    def current(self, service: str = HEDRA) -> "Account":
        """The account of the key in use. One query; a key seen for the first time gets its row."""
        return self._of(services.connected()[service])

    def connected(self) -> list["Account"]:
        """The account of every service in use, Hedra's first."""
        return [self._of(service) for service in services.connected().values()]

    def of_request(self, request: HttpRequest) -> "Account":
        """Hedra's account with its `models_offered`; see `all_of_request`."""
        return self.all_of_request(request)[0]

    def all_of_request(self, request: HttpRequest) -> list["Account"]:
        """As `connected`, each with its `models_offered`; one query however many parts of a page ask."""
        known: list[Account] | None = request.__dict__.get("_accounts")
        if known is None:
            known = request.__dict__["_accounts"] = self._counted()
        return known

    def _counted(self) -> list["Account"]:
        offered = Count("models", filter=Q(models__retired_at=None))
        wanted = services.connected().values()
        rows = self.select_related("rest").annotate(offered=offered).filter(in_use())
        found = {account.service: account for account in rows}
        return [found.get(service.name) or self._of(service) for service in wanted]

    def _of(self, service: Service) -> "Account":
        account, _ = self.select_related("rest").get_or_create(
            service=service.name, fingerprint=service.fingerprint, defaults={"sandbox": service.sandbox}
        )
        return account


def in_use(prefix: str = "") -> Q:
    """Accounts whose key is in use; with `prefix`, rows that hang on such an account."""
    pairs = [
        Q(**{f"{prefix}service": service.name, f"{prefix}fingerprint": service.fingerprint})
        for service in services.connected().values()
    ]
    return Q(*pairs, _connector=Q.OR)


class Account(models.Model):
    """A key at a service: its credits, its catalog, its history. The key itself is never stored."""

    service = models.CharField(max_length=20, default=HEDRA)
    fingerprint = models.CharField(max_length=16)
    sandbox = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)

    synced_at = models.DateTimeField(null=True, blank=True)
    sync_tried_at = models.DateTimeField(null=True, blank=True)
    sync_error = models.TextField(blank=True)
    sync_report = models.JSONField(default=dict, blank=True)
    revision = models.PositiveBigIntegerField(
        default=0, help_text="grows whenever anything that the catalog shows has changed"
    )
    voices_synced_at = models.DateTimeField(null=True, blank=True)
    voices_tried_at = models.DateTimeField(null=True, blank=True)
    voices_error = models.TextField(blank=True)

    balance = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    balance_at = models.DateTimeField(null=True, blank=True)
    balance_tried_at = models.DateTimeField(null=True, blank=True)

    history_at = models.DateTimeField(
        null=True, blank=True, help_text="when the service's history was first walked to its end"
    )
    history_open = models.BooleanField(
        default=False, help_text="a walk brought something in and did not reach its end"
    )

    objects: ClassVar[AccountManager] = AccountManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "fingerprint"], name="account_key_once")]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return services.label(self.service, sandbox=self.sandbox)

    @property
    def log_facts(self) -> dict[str, object]:
        """What a log line of it is about."""
        return {"account": self.pk, "service": self.service}

    @property
    def service_label(self) -> str:
        """Whose credits these are, sandbox or not."""
        return services.LABELS[self.service]

    @property
    def models_offered(self) -> int:
        """How many AI models can be used now; already counted on a request's account."""
        counted: int | None = self.__dict__.get("offered")
        return self.models.filter(retired_at=None).count() if counted is None else counted

    @property
    def is_current(self) -> bool:
        return self._service is not None

    @property
    def _service(self) -> Service | None:
        """The service as it is connected now; None when another key is in use."""
        service = services.connected().get(self.service)
        return service if service and service.fingerprint == self.fingerprint else None

    @property
    def resting(self) -> Rest | None:
        """Its rest while the service is busy or away, as it was when this row was read."""
        rest: Rest | None = getattr(self, "rest", None)  # a missing row is an AttributeError too
        return rest if rest and rest.is_on else None

    @property
    def is_slow(self) -> bool:
        """Whether the service has just come back and is called at a slow pace, as of when this was read."""
        rest: Rest | None = getattr(self, "rest", None)
        return rest is not None and rest.is_slow

    def knock(self) -> timedelta | None:
        """Try the service once, if it rests and nobody else does. How long it was away, when it is back."""
        rest, now = self.resting, timezone.now()
        if rest is None or rest.wait_s:
            return None
        with suppress(ServiceError):  # a refusal is an answer, too; the gate has seen what came
            self._ask_anything(SharedGate(self.pk, knocks=True))
        back = Rest.objects.filter(pk=self.pk, why="").exists()
        return max(now - rest.since, timedelta(0)) if back and rest.since else None

    def _ask_anything(self, gate: SharedGate) -> None:
        if self.service == HOOX:
            self.hoox(gate=gate).list_models()
        else:
            self.client(retries=0, gate=gate).credits()

    def client(
        self,
        *,
        connect_timeout: float = 5,
        read_timeout: float = 30,
        retries: int = READ_RETRIES,
        gate: SharedGate | None = None,
    ) -> HedraClient:
        """For an account at Hedra. Raises NotConnected when another key is in use now."""
        service = self._connected(HEDRA)
        return HedraClient(
            service.url,
            service.key,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            retries=retries,
            gate=gate or SharedGate(self.pk),
        )

    def hoox(self, *, keep: int = 0, gate: SharedGate | None = None) -> HooxClient:
        """For an account at Hoox, within the budget that all processes share; `keep` calls of it are left
        for what matters more. Raises NotConnected."""
        service = self._connected(HOOX)
        shared = gate or SharedGate(self.pk, SharedBudget(self.pk, keep=keep))
        return HooxClient(service.url, service.key, gate=shared)

    def list_models(self) -> ModelList:
        """What the service offers now. Raises ServiceError."""
        return self.hoox().list_models() if self.service == HOOX else self.client().list_models()

    def _connected(self, name: str) -> Service:
        service = self._service
        if service is None or service.name != name:
            raise NotConnected(f"This was made with another {self.label} key. Put that key back to go on.")
        return service

    def open_history(self) -> None:
        """Something is being brought in: until the walk ends, known rows say nothing of older ones."""
        if not self.history_open:
            self.history_open = True
            self.save(update_fields=["history_open"])

    def close_history(self, *, whole: bool) -> None:
        """The walk has ended; `whole` if it went to the end, or to where a walk had ended before."""
        if whole:
            self.history_open, self.history_at = False, self.history_at or timezone.now()
            self.save(update_fields=["history_open", "history_at"])

    def touch(self) -> None:
        """What the catalog shows has changed: processes that keep it in memory read it anew."""
        Account.objects.filter(pk=self.pk).update(revision=F("revision") + 1)
        self.refresh_from_db(fields=["revision"])

    def refresh_balance(self, max_age_s: float = 15) -> int | None:
        """The credits left, asked for at most every `max_age_s` by all processes; None while unknown.

        Never raises: when the service can't say, the last known figure stays, and `balance_at` tells its age.
        """
        if asked_at := self._may_ask_balance(max_age_s):
            try:
                # Short of breath: a page may be waiting, and the last known figure serves nearly as well.
                client = self.client(
                    connect_timeout=BALANCE_CONNECT_S,
                    read_timeout=BALANCE_READ_S,
                    retries=0,
                    gate=SharedGate(self.pk, hasty=True),
                )
                self._keep_balance(client.credits().remaining, asked_at)
            except ServiceError:
                self.refresh_from_db(fields=_BALANCE)
        return self.credits_left

    @property
    def credits_left(self) -> int | None:
        """Whole credits of the last known balance."""
        return None if self.balance is None else int(self.balance)

    def _may_ask_balance(self, max_age_s: float) -> datetime | None:
        """Claims the next look for this process; a failed one counts too, to spare a service that is down.

        When that was; None when another look is too recent."""
        now = timezone.now()
        due = Q(balance_tried_at=None) | Q(balance_tried_at__lte=now - timedelta(seconds=max_age_s))
        return now if Account.objects.filter(due, pk=self.pk).update(balance_tried_at=now) else None

    def _keep_balance(self, credits: int | None, asked_at: datetime) -> None:
        """None, of an answer that can't tell, replaces a figure: that one holds no longer.

        Its age counts from the question, so that it surely knows of all that was charged before; an answer
        that was overtaken by a later question's is dropped."""
        told = {"balance": Decimal(credits), "balance_at": asked_at} if credits is not None else _UNKNOWN
        latest = Q(balance_at=None) | Q(balance_at__lte=asked_at)
        with transaction.atomic():
            kept = Account.objects.filter(latest, pk=self.pk).update(**told)
            if kept and credits is not None:
                BalanceReading.objects.note(self.pk, Decimal(credits), asked_at)
        self.refresh_from_db(fields=_BALANCE)

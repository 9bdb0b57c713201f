"""A checked form becomes takes: the intent is stored before anything leaves."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from django.db import IntegrityError, transaction
from django.db.models import CharField
from django.utils import timezone

from catalog.prices.quoting import Quote

from . import buying, caps, reuse
from .models import Asset, Generation, Input, Status
from .models.status import schedule

if TYPE_CHECKING:
    from catalog.models import Account, AIModel

    from .forms import ShotForm


def place(form: ShotForm) -> list[Generation]:
    """Store a row per variation, with its reserved ids. The same form sent twice is one shot.

    Each variation is a request of its own, so that it can fail, be looked up and be retried alone.
    Empty when the form now says why not: with an error, or a question; with a fresh id when its id was
    used for another shot."""
    takes = place_all([form], ask=True)
    if not takes and form.sent().exists():
        form.begin_anew()
    return takes


def place_all(forms: Sequence[ShotForm], *, ask: bool = False) -> list[Generation]:
    """Store the takes of all these shots or of none: they are one press of one button.

    Empty when an id of theirs was used for another shot, and when credits are missing or (with `ask`)
    people have to be asked first; then the forms say so."""
    try:
        with transaction.atomic():
            if not any(form.sent().exists() for form in forms) and _may_order(forms, ask):
                for form in forms:
                    _create(form)
    except IntegrityError:
        pass  # the other press of the same button was a moment faster
    takes = {form.cleaned_data["shot"]: list(form.sent()) for form in forms}
    placed = all(_are_of(form, takes[form.cleaned_data["shot"]]) for form in forms)
    return [take for each in takes.values() for take in each] if placed else []


def try_again(take: Generation) -> str:
    """Start a failed take again, or say why a new order of it can't be paid; "" when it has begun.

    What may be at the service is only looked up or fetched, whatever is left."""
    if not (take.can_retry and take.retry_status == Status.PREPARING):
        take.retry()
        return ""
    buying.balance(take.account)  # asks the service, which nobody does under a lock
    with transaction.atomic():
        [account] = buying.lock([take.account_id])
        why = _why_not(account, buying.left(account), [take.retry_price])
        if not why:
            take.retry()
    return why


def _may_order(forms: Sequence[ShotForm], ask: bool) -> bool:
    """Whether the credits are there, no cap is in the way, and nothing has to be asked: looked at under the
    lock of the accounts that pay, so that two presses never spend the same credits."""
    accounts = buying.lock(_account(form) for form in forms)
    theirs = [[form for form in forms if _account(form) == account.pk] for account in accounts]
    refused = [_is_refused(account, paid) for account, paid in zip(accounts, theirs, strict=True)]
    return not any(refused) and not (ask and any(_asks(form) for form in forms))


def _is_refused(account: Account, forms: Sequence[ShotForm]) -> bool:
    """For what all these cost together; then each of them says why."""
    left = buying.left(account)
    why = _why_not(account, left, [form.total for form in forms])
    for form in forms:
        form.balance = left
        if why:
            form.refuse_price(why)
    return bool(why)


def _why_not(account: Account, left: int | None, prices: Sequence[Quote]) -> str:
    """Why the account can't pay for these now, or "": credits are missing, or a cap is in the way. An unknown
    price stops nobody where there is no cap."""
    known = sum((price.credits or Decimal(0) for price in prices), Decimal(0))
    if missing := buying.missing(Quote(known), left):
        return buying.missing_words(missing)
    return caps.refusal(account, prices)


def _asks(form: ShotForm) -> bool:
    form.question = buying.question(form)
    return bool(form.question)


def _account(form: ShotForm) -> int:
    return cast("AIModel", form.ai_model).account_id


def _are_of(form: ShotForm, takes: list[Generation]) -> bool:
    return len(takes) == form.count and all(take.fingerprint == form.fingerprint for take in takes)


def _create(form: ShotForm) -> None:
    rows = Generation.objects.bulk_create([_row(form, position) for position in range(form.count)])
    Input.objects.bulk_create(
        Input(generation=row, asset=asset, role=role, position=place)
        for row in rows
        for role, place, asset in form.held
    )
    Asset.objects.filter(pk__in={asset.pk for _, _, asset in form.held}).update(used=timezone.now())


def _row(form: ShotForm, position: int) -> Generation:
    quote, now, model = form.quote, timezone.now(), cast("AIModel", form.ai_model)
    return Generation(
        owner=form.owner,
        account_id=model.account_id,
        ai_model=model if model.pk else None,
        model_name=_fitted("model_name", model.name),
        maker=model.maker,
        service=model.account.service,
        shot=form.cleaned_data["shot"],
        position=position,
        type=model.request_type,
        prompt=form.values["prompt"],
        body=form.body(),
        fingerprint=form.fingerprint,
        aspect_ratio=_fitted("aspect_ratio", form.values.get("aspect_ratio") or ""),
        resolution=_fitted("resolution", form.priced.resolution),
        quoted=quote.credits,
        arithmetic=_fitted("arithmetic", quote.arithmetic),
        created=now,
        updated=now,
        **schedule(Status.PREPARING),
        **{"made_from": _source(form), **form.links},
    )


def _source(form: ShotForm) -> Generation | None:
    """The take that one of the inputs comes from."""
    sources = (reuse.source_of(asset) for _, _, asset in form.held)
    return next((take for take in sources if take), None)


def _fitted(column: str, text: str) -> str:
    """Cut to what the column holds: services name things at any length, and PostgreSQL minds."""
    most = cast("CharField[str, str]", Generation._meta.get_field(column)).max_length or len(text)
    return text if len(text) <= most else f"{text[: most - 1]}…"

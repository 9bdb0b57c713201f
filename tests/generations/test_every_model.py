"""Every model of both sandboxes × what its form offers: accepted by the service, and charged as quoted."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict

from catalog.mirror import voices
from catalog.mirror.details import read_details
from catalog.models import Account, AIModel, CallBudget
from catalog.prices.asking import ask_due
from clients.hedra import HedraClient
from generations import choosing, requests, uploads
from generations.forms import ShotForm
from generations.models import Asset
from generations.orders import hoox as orders
from generations.placing import place
from generations.slots import slots_of
from tests.factories import mp4, png, wav
from tests.sandboxed import Studio

SAMPLED = 2
FILES = {
    "image": ("frame.png", lambda: png(1024, 1024)),
    "audio": ("speech.wav", lambda: wav(3.2)),
    "video": ("clip.mp4", lambda: mp4(3.5, 640, 360)),
}


@pytest.fixture
def assets(owner: User) -> dict[str, Asset]:
    """A file of each kind that fits every slot."""
    return {
        kind: uploads.store(owner, SimpleUploadedFile(name, content()), kind)
        for kind, (name, content) in FILES.items()
    }


@pytest.fixture
def hedra(studio: Studio) -> HedraClient:
    """Rich, with voices, and nothing is really rendered: the charge comes before."""
    studio.sandbox.fault("stuck", times=0)
    studio.sandbox.settings(key=studio.key, balance=100_000_000)
    voices.sync(Account.objects.current())
    return Account.objects.current().client()


def filled(model: AIModel, assets: dict[str, Asset], *, every: bool) -> QueryDict:
    """The form's least values: what must be given, or one of everything that may be."""
    data = QueryDict(mutable=True)
    data.update(
        {"shot": str(uuid4()), "model": model.form_key, "prompt": "A fox in the snow", "variations": "1"}
    )
    for slot in slots_of(model):
        wanted = max(slot.limit.min_count, 1) if slot.required or every else 0
        data.setlist(slot.field_name, [str(assets[slot.kind].pk)] * min(wanted, 1))
    return data


def choices(field: forms.Field) -> list[Any]:
    """All that it offers; of numbers the ends."""
    if isinstance(field, forms.BooleanField):
        return ["", "on"]
    if isinstance(field, forms.DecimalField):
        return [str(field.min_value), str(field.max_value), str(field.initial)]
    if isinstance(field, forms.ChoiceField):
        flat = [one for value, label in field.choices for one in _flat(value, label)]
        return [value for value in flat if value != ""][:12]
    return ["Something"]


def _flat(value: Any, label: Any) -> list[Any]:
    return [one for one, _ in label] if isinstance(label, list | tuple) else [value]


def combinations(model: AIModel, form: ShotForm) -> Iterator[dict[str, Any]]:
    """Each option's every value with the usual ones, and some of all at random."""
    offered = {field.name: choices(field.field) for field in form.options if field.name != "variations"}
    usual = {name: values[0] for name, values in offered.items()}
    yield usual
    for name, values in offered.items():
        yield from ({**usual, name: value} for value in values[1:])
    dice = random.Random(model.name)
    for _ in range(SAMPLED):
        yield {name: dice.choice(values) for name, values in offered.items()}


def forms_of(owner: User, model: AIModel, assets: dict[str, Asset]) -> Iterator[ShotForm]:
    for every in (False, True):
        least = filled(model, assets, every=every)
        for combination in combinations(model, ShotForm.shown(least, owner=owner, model=model)):
            data = least.copy()
            data.update({"shot": str(uuid4()), **{name: str(value) for name, value in combination.items()}})
            form = ShotForm(data, owner=owner, model=model)
            assert form.is_valid(), (model.name, combination, form.errors)
            yield form
        if not any(not slot.required for slot in slots_of(model)):
            return


@pytest.mark.slow
@pytest.mark.any_database
def test_what_a_form_offers_is_accepted_and_charged_as_quoted(
    studio: Studio, hedra: HedraClient, owner: User, assets: dict[str, Asset]
) -> None:
    remote = {}
    for asset in assets.values():
        with asset.file.open("rb") as file:
            created = hedra.create_asset(asset.name, asset.kind)
            hedra.upload_asset(created, BytesIO(file.read()), asset.name, asset.content_type)
            remote[asset.pk] = created.id
    quoted: dict[str, tuple[str, Decimal | None]] = {}
    seen: set[str] = set()

    for model in choosing.usable_models():
        if model.account.service != "hedra" or not model.pk:
            continue
        seen.add(model.request_type)
        for form in forms_of(owner, model, assets):
            held = [(role, place, remote[asset.pk]) for role, place, asset in form.held]
            body = form.body() | requests.input_ids(model.request_type, held)
            made = hedra.submit(body)
            words = f"{model.name}: {form.quote.arithmetic or form.quote.unknown} {body}"
            quoted[str(made.generation_id)] = (words, form.quote.credits)

    entries = studio.sandbox.ledger(studio.key)["entries"]
    charged = {entry["generation_id"]: Decimal(str(entry["credits"])) for entry in entries}
    wrong = {words: charged[made] for made, (words, credits) in quoted.items() if charged[made] != credits}
    assert wrong == {}
    assert seen >= set(requests.TYPES)
    assert len(quoted) > 900


@pytest.mark.slow
@pytest.mark.any_database
def test_hoox_accepts_what_its_forms_offer_and_charges_as_quoted(
    studio: Studio, hoox: Account, owner: User, assets: dict[str, Asset], settings: Any
) -> None:
    settings.PUBLIC_URL, settings.LOCAL_URL = "https://studio.example", ""
    while AIModel.objects.filter(account=hoox, detail_at=None).exists():
        read_details(hoox)
        CallBudget.objects.all().delete()
    studio.sandbox.fault("stuck", times=0, service="hoox")
    studio.sandbox.settings(key=settings.HOOX_KEY, service="hoox", balance=1_000_000)
    models = [model for model in choosing.usable_models() if model.account == hoox]
    offered = (form for model in models if not model.extends for form in forms_of(owner, model, assets))
    found = {form.fingerprint: form for form in offered}.values()  # the same shot again would be asked about
    assert not any(form.quote.known for form in found), "each price is asked for"
    while ask_due(hoox) is not None:
        CallBudget.objects.all().delete()

    quoted: dict[str, tuple[str, Decimal | None]] = {}
    for first in found:
        form = ShotForm(first.data, owner=owner, model=first.ai_model)
        assert form.is_valid()
        [take] = place(form)
        made = hoox.hoox().start(orders._complete(take))
        CallBudget.objects.all().delete()
        quoted[made.asset_ids[0]] = (f"{take.model_name} {take.body}", take.quoted)

    entries = studio.sandbox.ledger(settings.HOOX_KEY, "hoox")["entries"]
    charged = {entry["generation_id"]: Decimal(entry["credits"]) for entry in entries}
    wrong = {words: charged[made] for made, (words, credits) in quoted.items() if charged[made] != credits}
    assert wrong == {}
    assert (len(models) >= 35, len(quoted) > 300) == (True, True)

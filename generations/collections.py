"""Collections: takes that a person keeps together under a name."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from .models import Collected, Collection, GenerationQuerySet

CHUNK = 500


def collect(owner: User, name: str, takes: GenerationQuerySet) -> int:
    """Append these takes to the person's collection of that name, made when there is none; how many are new
    in it. A take is in a collection once, and a stranger's never."""
    with transaction.atomic():
        collection, _ = Collection.objects.get_or_create(owner=owner, name=_named(name))
        Collection.objects.select_for_update(no_key=True).get(pk=collection.pk)  # places follow each other
        wanted = takes.filter(owner=owner).exclude(places__collection=collection)
        pks = list(wanted.order_by("created", "pk").values_list("pk", flat=True))
        last = collection.places.aggregate(last=Max("position"))["last"] or 0
        rows = (
            Collected(collection=collection, take_id=pk, position=last + number)
            for number, pk in enumerate(pks, start=1)
        )
        Collected.objects.bulk_create(rows, batch_size=CHUNK)
        if pks:
            Collection.objects.filter(pk=collection.pk).update(updated=timezone.now())
    return len(pks)


def _named(name: str) -> str:
    """As people read it: one line, no more than the column holds; PostgreSQL takes no NUL."""
    return " ".join(name.replace("\0", "").split())[:80].strip() or "Untitled"

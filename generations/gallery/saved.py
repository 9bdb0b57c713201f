"""Searches that people want to make again: the gallery's filters under a name."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from generations.models import SavedSearch

from .asked import text_of
from .filters import GalleryFilters

MOST = 40
LONGEST_NAME = 60


class BadName(Exception):
    """Why a search can't be kept under this name, in a sentence for people."""


def of(owner: User) -> QuerySet[SavedSearch]:
    return SavedSearch.objects.filter(owner=owner)[:MOST]


def save(owner: User, name: str, filters: GalleryFilters) -> SavedSearch:
    """Raises BadName."""
    name = checked(name)
    if not (filters.active or filters.get("sort")):
        raise BadName("Nothing is filtered here. Choose filters first, then save them.")
    if SavedSearch.objects.filter(owner=owner).count() >= MOST:
        raise BadName(f"There are {MOST} saved searches already. Delete one first.")
    query = filters.without("day").partition("?")[2]
    if len(query) > 2000:
        raise BadName("These filters are too long to be saved. Search for fewer words.")
    return _stored(SavedSearch(owner=owner, name=name, query=query))


def rename(search: SavedSearch, name: str) -> SavedSearch:
    """Raises BadName."""
    search.name = checked(name)
    return _stored(search)


def checked(name: str) -> str:
    name = text_of(name, 1000)
    if not name:
        raise BadName("Give it a name.")
    if len(name) > LONGEST_NAME:
        raise BadName(f"The name is too long: {len(name)} of {LONGEST_NAME} letters.")
    return name


def _stored(search: SavedSearch) -> SavedSearch:
    try:
        with transaction.atomic():
            search.save()
    except IntegrityError:
        raise BadName(f"There is a search “{search.name}” already. Choose another name.") from None
    return search

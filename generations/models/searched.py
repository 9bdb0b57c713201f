"""The words that takes are found by: the same in every database, whatever its language and encoding."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    from .generation import Generation

_MOST_WORDS = 4000
_LONGEST = 60
_ASCII = re.compile(r"[a-z0-9]+")
# Of Chinese and Japanese each character is a word, for no space parts them.
_ONE_BY_ONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_ANY = re.compile(rf"[{_ONE_BY_ONE}]|(?:(?![{_ONE_BY_ONE}])[^\W_])+")


def words_in(text: str) -> list[str]:
    """Its words in small letters without accents, each spelled in a–z and 0–9: databases take other letters
    apart as their locale says."""
    if text.isascii():
        return [word[:_LONGEST] for word in _ASCII.findall(text.lower())]
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return [_spelled(word[:_LONGEST]) for word in _ANY.findall(bare.casefold())]


def _spelled(word: str) -> str:
    return "".join(c if c.isascii() else f"x{ord(c):04x}" for c in word)


def owner_word(owner_id: int) -> str:
    """One of its words, so that the index itself leaves out what is other people's. No text holds it."""
    return f"={owner_id}"


def words_of(take: Generation) -> str:
    """All that it is found by, between spaces."""
    words = words_in(take.prompt)[:_MOST_WORDS] + words_in(take.model_name)
    return " ".join(["", owner_word(take.owner_id), *words, ""])


class WordsField(models.TextField):  # type: ignore[type-arg]
    """Written by every save from what the take says; in PostgreSQL they are a tsvector."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        words = words_of(model_instance)  # type: ignore[arg-type]
        setattr(model_instance, self.attname, words)
        return words

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        if connection.vendor != "postgresql":
            return value
        return " ".join(f"'{word}':{place}" for place, word in enumerate(str(value).split(), 1))


@WordsField.register_lookup
class Found(models.Lookup):
    """PostgreSQL's own operator between words and a query in its language."""

    lookup_name = "found"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:  # type: ignore[override]
        return "%s", [value]

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:  # type: ignore[override]
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} @@ ({right})::tsquery", [*left_params, *right_params]

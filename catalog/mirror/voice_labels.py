"""What a voice's labels say, however they are spelt: "Gender: f" and "gender: female" are the same."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf.locale import LANG_INFO

LONGEST = 60
NAMES = {
    "lang": "language",
    "locale": "language",
    "sex": "gender",
    "age group": "age",
    "age range": "age",
    "dialect": "accent",
}
"""Other names of the labels that people filter by."""
SAME = {
    "gender": {"m": "male", "man": "male", "f": "female", "woman": "female", "nonbinary": "non-binary"},
    "age": {"middle aged": "middle-aged", "middleaged": "middle-aged"},
}
NOTHING = frozenset({"-", "n/a", "none", "null", "undefined", "unknown", "unspecified"})
ALWAYS_LARGE = frozenset({"us", "uk"})

_LANGUAGE_CODE = re.compile(r"([a-z]{2,3})([-_][a-z0-9]{2,8})*")
_LANGUAGES: dict[str, str] = {
    code: info["name"] for code, info in LANG_INFO.items() if "name" in info and len(code) < 4
} | {
    "am": "Amharic",
    "fil": "Filipino",
    "gu": "Gujarati",
    "jv": "Javanese",
    "si": "Sinhala",
    "so": "Somali",
    "tl": "Tagalog",
    "yue": "Cantonese",
    "zh": "Chinese",
    "zu": "Zulu",
}
_OWN_NAMES: dict[str, str] = {
    info["name_local"].casefold(): info["name"]
    for code, info in LANG_INFO.items()
    if "name" in info and len(code) < 4
}


@dataclass(frozen=True)
class Known:
    """The labels that people filter by, in one spelling. What the service says nothing of is ""."""

    language: str = ""
    gender: str = ""
    age: str = ""
    accent: str = ""


FILTERED = ("language", "gender", "age", "accent")


def known(labels: Mapping[str, str]) -> Known:
    """A label that comes twice under two names counts where it first says something."""
    found: dict[str, str] = {}
    for name, value in labels.items():
        if (plain := label_name(name)) in FILTERED and (words := _WORDS[plain](_said(value))):
            found.setdefault(plain, words[:LONGEST])
    return Known(**found)


def further(labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """The other labels as people read them: ("Use case", "Social media")."""
    pairs = [(label_name(name), _folded(_said(value))) for name, value in labels.items()]
    return [(_sentence(name), _sentence(value)) for name, value in pairs if name not in FILTERED and value]


def label_name(name: str) -> str:
    folded = _folded(name)
    return NAMES.get(folded, folded)


def _said(value: str) -> str:
    """The value; "" when it only says that there is none."""
    return "" if value.strip().casefold() in NOTHING else value


def _folded(text: str) -> str:
    """Words without capitals, with one blank between them."""
    return " ".join(text.replace("_", " ").casefold().split())


def _language(value: str) -> str:
    """Codes and a language's own name for itself become its English name; a region is left out."""
    code = _LANGUAGE_CODE.fullmatch(value.strip().casefold())
    if code and code[1] in _LANGUAGES:
        return _LANGUAGES[code[1]]
    text = _folded(value)
    return _OWN_NAMES.get(text) or _name(", ".join(part.strip() for part in text.split(",")))


def _gender(value: str) -> str:
    text = _folded(value)
    return _sentence(SAME["gender"].get(text, text))


def _age(value: str) -> str:
    text = _folded(value)
    return _sentence(SAME["age"].get(text.replace("-", " "), text))


def _accent(value: str) -> str:
    return _name(_folded(value))


def _name(text: str) -> str:
    """As names are written: "US Southern"."""
    words = (word.upper() if word in ALWAYS_LARGE else word[:1].upper() + word[1:] for word in text.split())
    return " ".join(words)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


_WORDS = {"language": _language, "gender": _gender, "age": _age, "accent": _accent}

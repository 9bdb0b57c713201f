"""Somebody at the pages, by HTTP: presses, presses again when no answer comes, retries, looks."""

from __future__ import annotations

import random
import re
from typing import Any
from uuid import uuid4

import requests

from catalog.models import AIModel
from generations.forms import ShotForm
from hedra_studio.middleware import local_owner
from tests.factories import png

PATIENCE_S = 20
MODELS = {
    "Grok Imagine T2I": 8,
    "Flux Dev T2I": 8,
    "ElevenLabs Text to Sound V2": 5,
    "Seedance 2.0 T2V": 4,
    "Grok Video T2V": 2,
    "Grok Video I2V": 4,
}
SMALL = {"resolution": ("480p", "540p"), "duration_ms": ("4000", "5000")}


class Person:
    """What this person was not told to have worked is not done: a press is repeated until it is answered."""

    def __init__(self, url: str, dice: random.Random) -> None:
        self._url, self._dice = url, dice
        self._wire = requests.Session()
        self.shots: dict[str, int] = {}
        """How many takes each shot must have, whatever happened to its press."""
        self._open: dict[str, tuple[dict[str, str], dict[str, Any]]] = {}

    def new_shot(self) -> str:
        """Fill in a form; its shot is from now on either ordered whole, or still to be pressed."""
        [name] = self._dice.choices(list(MODELS), weights=list(MODELS.values()))
        model, shot = AIModel.objects.current().get(name=name), str(uuid4())
        first = ShotForm.shown({}, owner=local_owner(), model=model)
        values = {key: first[key].value() for key in first.fields if first[key].value() is not None}
        for field, wanted in SMALL.items():
            if small := [choice for choice in wanted if choice in _choices(first, field)]:
                values[field] = small[0]
        count = self._dice.choice([1, 1, 2, 4])
        values |= {"prompt": f"A fox in the snow, {shot[:4]}", "variations": str(count), "shot": shot}
        values |= {"model": str(model.pk), "again": "1"}
        image = ("fox.png", png(320, 180, f"#{shot[:6]}"), "image/png")
        self.shots[shot] = count
        self._open[shot] = (
            values,
            {"start_frame_file": image} if any(slot.required for slot in first.slots) else {},
        )
        return shot

    @property
    def unanswered(self) -> list[str]:
        return list(self._open)

    def press(self, shot: str) -> bool:
        """Whether it was answered as ordered."""
        values, files = self._open[shot]
        answer = self._post("/create/", values, files)
        if answer is not None and answer.status_code in (200, 422):
            raise AssertionError(f"the press was refused: {answer.status_code} {_words(answer.text)}")
        done = answer is not None and answer.status_code == 302
        if done:
            self._open.pop(shot, None)
        return done

    def retry(self, pk: int) -> None:
        self._post(f"/gallery/{pk}/retry/", {})

    def page(self, path: str) -> tuple[int, str]:
        """Status and text; 0 when nobody answers."""
        try:
            answer = self._wire.get(self._url + path, timeout=PATIENCE_S)
        except requests.RequestException:
            return 0, ""
        return answer.status_code, answer.text

    def _post(
        self, path: str, values: dict[str, str], files: dict[str, Any] | None = None
    ) -> requests.Response | None:
        if "hedra_studio_csrf" not in self._wire.cookies:
            self.page("/create/")
        token = {"X-CSRFToken": self._wire.cookies.get("hedra_studio_csrf") or ""}
        options: Any = {"headers": token, "timeout": PATIENCE_S, "allow_redirects": False}
        try:
            return self._wire.post(self._url + path, values, files=files or None, **options)
        except requests.RequestException:
            return None


def _choices(form: ShotForm, field: str) -> list[str]:
    return [str(value) for value, _ in getattr(form.fields.get(field), "choices", ())]


def _words(page: str) -> str:
    return str(re.findall(r"errorlist.{0,300}|<p class=\"[^\"]*error.{0,300}", page, re.DOTALL)[:4])

"""The form of a note about a take, or about one moment of it."""

from __future__ import annotations

from typing import Any

from django import forms

from .models import Generation, Note
from .timecodes import moment_words, parse_moment


class NoteForm(forms.Form):
    text = forms.CharField(
        max_length=2000,
        error_messages={
            "required": "A note needs words.",
            "max_length": "A note has room for 2,000 characters.",
        },
    )
    at = forms.CharField(required=False, max_length=20)

    def __init__(self, take: Generation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.take = take

    def clean_at(self) -> int | None:
        text = self.cleaned_data["at"]
        if not text:
            return None
        at, length = parse_moment(text), self.take.duration_ms
        if at is None:
            raise forms.ValidationError("A moment is written like 0:03.2.")
        if length is None:
            raise forms.ValidationError("The length of this take isn't known, so a note can't name a moment.")
        if at > length:
            raise forms.ValidationError(f"The clip ends at {moment_words(length)}.")
        return at

    def save(self) -> Note:
        data = self.cleaned_data
        return Note.objects.create(take=self.take, text=data["text"], at_ms=data["at"])

    @property
    def problem(self) -> str:
        return " ".join(str(error) for errors in self.errors.values() for error in errors)

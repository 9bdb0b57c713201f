"""Takes as an archive: whole, named by their prompts, each with its facts, and of one person only."""

from __future__ import annotations

import io
import json
import zipfile
from decimal import Decimal
from typing import Any

import av
import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from generations import zipping
from generations.collections import collect
from generations.models import Collection, Generation, Status
from tests.factories import make_take, mp4, png

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def make_kept(owner: User, content: bytes, suffix: str = "png", **fields: Any) -> Generation:
    name = default_storage.save(f"takes/result.{suffix}", ContentFile(content))
    return make_take(owner, **{"sha256": "ab" * 32} | fields, result=name)


def archive(client: Client, data: dict[str, Any], query: str = "") -> zipfile.ZipFile:
    response = client.post(f"/gallery/zip/{query}", data)
    assert response.status_code == 200
    assert response["Content-Disposition"].endswith('.zip"')
    found = zipfile.ZipFile(io.BytesIO(b"".join(response)))
    assert found.testzip() is None
    return found


def test_takes_come_named_by_their_prompts_with_their_facts(client: Client, owner: User) -> None:
    clip = make_kept(owner, mp4(), "mp4", prompt="A fox / in the: snow", charged=Decimal("35.5"))
    still = make_kept(owner, png(), prompt="Füchse", model_name="Imagen 4")

    found = archive(client, {"take": [clip.pk, still.pk]})

    assert set(found.namelist()) == {
        f"a-fox-in-the-snow-{clip.pk}.mp4",
        f"a-fox-in-the-snow-{clip.pk}.json",
        f"fuchse-{still.pk}.png",
        f"fuchse-{still.pk}.json",
    }
    facts = json.loads(found.read(f"a-fox-in-the-snow-{clip.pk}.json"))
    assert facts["prompt"] == "A fox / in the: snow"
    assert facts["charged_credits"] == 35.5
    assert facts["sha256"] == clip.sha256
    assert facts["file"] in found.namelist()
    assert facts["ids"]["generation"] == str(clip.remote_id)
    with av.open(io.BytesIO(found.read(f"a-fox-in-the-snow-{clip.pk}.mp4"))) as box:
        assert box.metadata["title"] == clip.prompt
        assert len(list(box.decode(video=0))) == 24
    assert all(entry.compress_type == zipfile.ZIP_STORED for entry in found.infolist())


def test_everything_is_what_the_filters_leave(client: Client, owner: User) -> None:
    liked = make_kept(owner, png(), favorite=True)
    make_kept(owner, png())
    names = archive(client, {"everything": "1"}, "?favorite=1").namelist()
    assert names == [liked.file_name, f"{liked.file_stem}.json"]
    assert len(archive(client, {"everything": "1"}).namelist()) == 4


@pytest.mark.parametrize("typed", ["", "Another one", "1"])
def test_a_name_typed_into_the_bar_is_no_filter(client: Client, owner: User, typed: str) -> None:
    inside = make_kept(owner, png())
    collect(owner, "Fox film", Generation.objects.filter(pk=inside.pk))
    make_kept(owner, png())
    query = f"?collection={Collection.objects.get().pk}"
    names = archive(client, {"everything": "1", "collection": typed}, query).namelist()
    assert names == [inside.file_name, f"{inside.file_stem}.json"]


def test_a_clean_archive_holds_the_files_as_they_came(client: Client, owner: User) -> None:
    take = make_kept(owner, png())
    assert archive(client, {"take": take.pk}).read(take.file_name) != png()
    assert archive(client, {"take": take.pk, "clean": "1"}).read(take.file_name) == png()
    client.post("/gallery/downloads/", {"clean": "1"})
    assert archive(client, {"take": take.pk}).read(take.file_name) == png()
    client.post("/gallery/downloads/", {"clean": "0"})
    assert archive(client, {"take": take.pk}).read(take.file_name) != png()


def test_a_missing_file_is_named_and_breaks_nothing(client: Client, owner: User) -> None:
    gone, whole = make_kept(owner, png(), prompt="Gone"), make_kept(owner, png())
    default_storage.delete(gone.result.name)
    found = archive(client, {"take": [gone.pk, whole.pk]})
    assert found.read(whole.file_name)
    assert gone.file_name in found.read("MISSING.txt").decode()
    assert whole.file_name not in found.read("MISSING.txt").decode()
    assert json.loads(found.read(f"{gone.file_stem}.json"))["prompt"] == "Gone"


def test_a_file_that_breaks_off_is_named_too(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, whole = make_kept(owner, png(), prompt="Broken"), make_kept(owner, png())

    def broken(self: Any, first: int, last: int) -> Any:
        yield b"some"
        raise OSError("the store went away")

    real = zipping.Kept.part
    monkeypatch.setattr(
        zipping.Kept,
        "part",
        lambda self, *at: (broken if self.name == take.result.name else real)(self, *at),
    )
    found = archive(client, {"take": [take.pk, whole.pk], "clean": "1"})
    assert take.file_name in found.read("MISSING.txt").decode()
    assert found.read(whole.file_name) == png()


@pytest.mark.parametrize(
    ("data", "query"),
    [
        ({}, ""),
        ({"take": "x"}, ""),
        ({"take": "9" * 30}, ""),
        ({"take": "-1\0"}, ""),
        ({"everything": "1"}, "?q=unicorn"),
        ({"everything": "1"}, "?state=trash"),
    ],
)
def test_nothing_to_download_is_said(client: Client, owner: User, data: dict[str, str], query: str) -> None:
    make_kept(owner, png())
    response = client.post(f"/gallery/zip/{query}", data, follow=True)
    assert "There is no file to download" in response.content.decode()


def test_only_own_finished_takes_are_in_it(client: Client, owner: User, stranger: User) -> None:
    mine, theirs = make_kept(owner, png()), make_kept(stranger, png(), prompt="Private")
    running = make_kept(owner, png(), status=Status.PROCESSING)
    found = archive(client, {"take": [mine.pk, theirs.pk, running.pk]})
    assert found.namelist() == [mine.file_name, f"{mine.file_stem}.json"]


def test_too_many_are_refused_before_anything_is_sent(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generations.views.zipping.MOST_TAKES", 1)
    takes = [make_kept(owner, png()).pk for _ in range(2)]
    response = client.post("/gallery/zip/", {"take": takes, "next": "/gallery/"}, follow=True)
    assert "Narrow the filters and download in parts." in response.content.decode()


def test_it_is_no_address_to_visit(client: Client) -> None:
    assert client.get("/gallery/zip/").status_code == 405

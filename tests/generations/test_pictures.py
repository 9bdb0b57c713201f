"""Hover preview and sprite: made after the take is complete, found again when they were forgotten."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from PIL import Image

from generations import pictures, room
from generations.media import renditions
from generations.models import Generation, Status
from tests.factories import make_take, mp4
from tests.generations.media_files import clip, film_without_frames, sideways

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def complete(owner: User, content: bytes | None = None, **fields: object) -> Generation:
    """A video that is here, without its pictures."""
    stored = default_storage.save("takes/2026/11/1-abc.mp4", ContentFile(content or mp4()))
    given = {"content_type": "video/mp4", "verified_at": timezone.now(), "finished_at": timezone.now()}
    return make_take(owner, result=stored, **given | fields)


def made(take: Generation) -> Generation:
    pictures.make_wanted()
    take.refresh_from_db()
    return take


def test_both_are_made_and_named_by_the_row(owner: User) -> None:
    take = complete(owner)
    pictures.want(take.pk)
    assert made(take).preview.size
    assert take.sprite.size
    assert take.status == Status.COMPLETE


def test_what_a_stopped_process_left_is_found(owner: User) -> None:
    take = complete(owner)
    pictures.find()
    assert made(take).preview


@pytest.mark.parametrize(
    "fields",
    [
        {"verified_at": timezone.now() - timedelta(days=2)},
        {"preview": "takes/there.mp4"},
        {"content_type": "audio/wav"},
        {"status": Status.DOWNLOADING},
    ],
    ids=["long ago", "has one", "sound", "not here yet"],
)
def test_others_are_left_alone(owner: User, fields: dict[str, object]) -> None:
    take = complete(owner, **fields)
    pictures.find()
    assert not made(take).sprite


def test_what_cannot_be_decoded_is_tried_once(
    owner: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, tries = complete(owner, film_without_frames(tmp_path / "film").read_bytes()), []
    preview = renditions.preview
    monkeypatch.setattr(renditions, "preview", lambda *paths: (tries.append(1), preview(*paths)))
    for _ in range(3):
        pictures.find()
        assert not made(take).preview
    assert len(tries) == 1
    assert take.status == Status.COMPLETE


def test_a_full_disk_is_no_reason_to_give_up(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    take = complete(owner)
    with monkeypatch.context() as full:
        full.setattr(room, "shortage", lambda need=0: room.ELSEWHERE)
        pictures.find()
        assert not made(take).preview
    pictures.find()
    assert made(take).preview


def test_results_on_their_way_come_first_but_not_for_ever(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = complete(owner)
    lease = {"lease_owner": "x", "lease_until": timezone.now() + timedelta(minutes=1)}
    make_take(owner, status=Status.DOWNLOADING, **lease)
    pictures.want(take.pk)
    assert not made(take).preview
    monkeypatch.setattr(pictures, "WAITS_S", 0.0)
    assert made(take).preview


def test_a_result_that_was_replaced_meanwhile_gets_none_of_the_old_ones(
    owner: User, media_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = complete(owner)
    sprite = renditions.sprite

    def slow(path: Path, out: Path) -> None:
        Generation.objects.filter(pk=take.pk).update(result="takes/another.mp4")
        sprite(path, out)

    monkeypatch.setattr(renditions, "sprite", slow)
    pictures.want(take.pk)
    assert not made(take).preview
    assert [path.name for path in media_root.rglob("*.*")] == ["1-abc.mp4"]


def test_two_workers_at_once_leave_what_the_row_names(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    take = complete(owner)
    sprite = renditions.sprite

    def overtaken(path: Path, out: Path) -> None:
        sprite(path, out)
        monkeypatch.setattr(renditions, "sprite", sprite)
        pictures.want(take.pk)
        pictures.make_wanted()

    monkeypatch.setattr(renditions, "sprite", overtaken)
    pictures.want(take.pk)
    assert made(take).preview.size
    assert take.sprite.size


def test_the_card_tells_of_pictures_that_are_being_made(client: Client, owner: User) -> None:
    take = complete(owner)
    page = client.get("/gallery/").content.decode()
    assert f'data-preview="/gallery/{take.pk}/preview"' in page
    assert client.get(f"/gallery/{take.pk}/preview").status_code == 404
    Generation.objects.update(finished_at=timezone.now() - timedelta(hours=1))
    assert "data-preview" not in client.get("/gallery/").content.decode()


def test_a_sprite_is_served_to_its_owner_alone(client: Client, owner: User, stranger: User) -> None:
    take = complete(owner)
    pictures.want(take.pk)
    made(take)
    answer = client.get(f"/gallery/{take.pk}/sprite")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    Generation.objects.update(owner=stranger)
    assert client.get(f"/gallery/{take.pk}/sprite").status_code == 404


# The strip itself


@pytest.mark.parametrize(("size", "frame"), [((640, 360), (240, 135)), ((360, 640), (76, 135))])
def test_a_sprite_is_twelve_frames_side_by_side(
    tmp_path: Path, size: tuple[int, int], frame: tuple[int, int]
) -> None:
    out = tmp_path / "sprite.webp"
    renditions.sprite(clip(tmp_path / "film", size=size, seconds=2), out)
    with Image.open(out) as image:
        assert image.size == (12 * frame[0], frame[1])


def grey_of(moment_s: float) -> Image.Image:
    return Image.new("RGB", (64, 48), (min(255, round(moment_s * 60)),) * 3)


@pytest.mark.parametrize("seconds", [4, 64])
def test_its_frames_go_through_the_whole_clip(tmp_path: Path, seconds: int) -> None:
    out = tmp_path / "sprite.webp"
    film = clip(tmp_path / "film", seconds=seconds, fps=3, paint=lambda moment: grey_of(moment * 4 / seconds))
    renditions.sprite(film, out)
    with Image.open(out) as image:
        width = image.width // 12
        greys = [image.convert("L").getpixel((place * width + width // 2, 20)) for place in range(12)]
    assert greys == sorted(greys)
    assert greys[0] < 80
    assert greys[-1] > 180


def test_one_frame_and_a_sideways_film_have_sprites(tmp_path: Path) -> None:
    renditions.sprite(clip(tmp_path / "one", seconds=1 / 24), tmp_path / "one.webp")
    renditions.sprite(sideways(clip(tmp_path / "film")), tmp_path / "upright.webp")
    with Image.open(tmp_path / "upright.webp") as image:
        assert image.width / 12 < image.height

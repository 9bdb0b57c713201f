"""Pictures are cut to the shape of the shot; the original stays."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from catalog.models import AIModel
from generations import uploads
from generations.media.cropping import crop, fits, frame_of
from generations.media.errors import BadMedia
from generations.models import Asset, Draft
from generations.slots import slots_of
from tests.factories import make_model, png
from tests.generations.media_files import encoded, picture

pytestmark = pytest.mark.any_database

SHAPE = 9 / 16


@pytest.mark.parametrize(
    ("size", "at", "frame"),
    [
        ((1600, 900), 0.0, (0, 0, 506, 900)),
        ((1600, 900), 1.0, (1094, 0, 1600, 900)),
        ((1600, 900), 0.5, (547, 0, 1053, 900)),
        ((900, 1700), 0.0, (0, 0, 900, 1600)),
        ((900, 1700), 1.0, (0, 100, 900, 1700)),
        ((1, 1), 0.5, (0, 0, 1, 1)),
    ],
)
def test_the_frame_is_the_largest_of_its_shape(
    size: tuple[int, int], at: float, frame: tuple[int, int, int, int]
) -> None:
    assert frame_of(*size, SHAPE, at) == frame


def test_a_pixel_more_or_less_is_the_same_shape() -> None:
    assert fits(1000, 1778, "9:16")
    assert fits(506, 900, "9:16")
    assert not fits(1600, 900, "9:16")
    assert fits(1600, 900, "auto")


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_it_is_cut_where_the_frame_was(tmp_path: Path, format: str) -> None:
    path = tmp_path / "picture"
    path.write_bytes(encoded(picture((640, 360)), format))
    left, right = (crop(path, _folder(tmp_path, at), "9:16", at) for at in (0.0, 1.0))
    for out, channel in ((left, 0), (right, 2)):
        with Image.open(out) as image:
            assert (image.size, image.format) == ((202, 360), format)
            assert image.convert("RGB").getpixel((100, 180))[channel] > 200  # type: ignore[index]


def _folder(tmp_path: Path, at: float) -> Path:
    folder = tmp_path / f"at-{at}"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("ratio", ["auto", "0:1", "9:16:2", "x", "99999:1"])
def test_what_is_no_shape_is_refused(tmp_path: Path, ratio: str) -> None:
    path = tmp_path / "picture"
    path.write_bytes(encoded(picture(), "PNG"))
    with pytest.raises(BadMedia):
        crop(path, tmp_path, ratio, 0.5)


@pytest.fixture
def model(owner: User) -> AIModel:
    return make_model(requires_start_frame=True)


@pytest.fixture
def asset(owner: User) -> Asset:
    return uploads.store(owner, SimpleUploadedFile("fox.png", png(640, 360)), "image")


@pytest.mark.django_db
def test_the_crop_is_an_asset_of_its_own(client: Client, asset: Asset) -> None:
    answer = client.post(f"/assets/{asset.pk}/crop/", {"ratio": "9:16", "at": "0.25"}).json()
    cropped = Asset.objects.get(pk=answer["asset"])
    assert (cropped.width, cropped.height, cropped.name) == (202, 360, "fox 9x16.png")
    assert cropped.cropped_from == asset
    asset.refresh_from_db()
    assert (asset.width, asset.file.read()[:4]) == (640, b"\x89PNG")


@pytest.mark.django_db
def test_the_same_crop_is_made_once(client: Client, asset: Asset) -> None:
    for _ in range(2):
        client.post(f"/assets/{asset.pk}/crop/", {"ratio": "1:1", "at": "nonsense"})
    assert Asset.objects.count() == 2


@pytest.mark.django_db
def test_without_script_it_is_cut_around_the_middle(client: Client, asset: Asset, model: AIModel) -> None:
    page = client.get(f"/create/?from=1&model={model.form_key}&start_frame={asset.pk}&aspect_ratio=9:16")
    assert f'formaction="/assets/{asset.pk}/crop/"' in page.content.decode()
    sent = {"model": model.form_key, "prompt": "A fox", "start_frame": asset.pk, "aspect_ratio": "9:16"}
    answer = client.post(f"/assets/{asset.pk}/crop/", {**sent, "crop": "start_frame"}, follow=True)
    cropped = Asset.objects.exclude(pk=asset.pk).get()
    assert (cropped.width, cropped.height) == (202, 360)
    assert f'name="start_frame" value="{cropped.pk}"' in answer.content.decode()
    assert "A fox" in answer.content.decode()


@pytest.mark.django_db
def test_what_was_said_of_the_picture_goes_with_it(client: Client, asset: Asset, model: AIModel) -> None:
    sent = {"model": model.form_key, "point": "0.5,0.3", "audio_ms": "4000", "start_frame": asset.pk}
    client.post(f"/assets/{asset.pk}/crop/", {**sent, "ratio": "1:1", "crop": "start_frame"})
    values = Draft.objects.get().values
    assert "point" not in values
    assert values["audio_ms"] == ["4000"]


@pytest.mark.django_db
def test_a_sound_and_a_shapeless_wish_are_not_found(client: Client, asset: Asset) -> None:
    assert client.post(f"/assets/{asset.pk}/crop/", {"ratio": "auto"}).status_code == 404
    asset.kind = "audio"
    asset.save()
    assert client.post(f"/assets/{asset.pk}/crop/", {"ratio": "1:1"}).status_code == 404


@pytest.mark.django_db
def test_without_script_a_shapeless_wish_comes_back_with_the_form(
    client: Client, asset: Asset, model: AIModel
) -> None:
    """The page still offers what the ratio before it asked for."""
    sent = {"model": model.form_key, "prompt": "A fox", "start_frame": asset.pk, "aspect_ratio": "auto"}
    answer = client.post(f"/assets/{asset.pk}/crop/", {**sent, "crop": "start_frame"}, follow=True)
    page = answer.content.decode()
    assert "Choose an aspect ratio first" in page
    assert "A fox" in page
    assert f'name="start_frame" value="{asset.pk}"' in page


@pytest.mark.django_db
def test_a_picture_whose_file_has_gone_says_so(client: Client, asset: Asset) -> None:
    Path(asset.file.path).unlink()
    response = client.post(f"/assets/{asset.pk}/crop/", {"ratio": "1:1"})
    assert response.status_code == 422
    assert response.json()["problem"]


@pytest.mark.django_db
def test_a_crop_is_offered_where_the_shapes_differ(asset: Asset, model: AIModel) -> None:
    (slot,) = slots_of(model)
    slot.assets = [asset]
    offered = {}
    for ratio in ("9:16", "16:9", "auto", ""):
        slot.read({"aspect_ratio": ratio})
        offered[ratio] = slot.crop_to
    assert offered == {"9:16": "9:16", "16:9": "", "auto": "", "": ""}


def test_a_photo_on_its_side_is_cut_as_people_see_it(tmp_path: Path) -> None:
    tags = Image.Exif()
    tags[0x0112] = 6
    path = tmp_path / "photo"
    path.write_bytes(encoded(picture((640, 360)), "JPEG", exif=tags.tobytes()))
    with Image.open(io.BytesIO(crop(path, tmp_path, "1:1", 0.0).read_bytes())) as image:
        assert image.size == (360, 360)
        assert image.getpixel((180, 40))[0] > 200  # type: ignore[index]


@pytest.mark.django_db
def test_without_script_another_shot_is_set_aside(client: Client, asset: Asset, model: AIModel) -> None:
    client.post("/create/draft/", {"model": model.form_key, "prompt": "A whale", "draft_page": "one"})
    sent = {"model": model.form_key, "prompt": "A fox", "start_frame": asset.pk, "aspect_ratio": "9:16"}
    client.post(f"/assets/{asset.pk}/crop/", {**sent, "crop": "start_frame", "draft_page": "two"})
    client.post("/create/draft/back/")
    assert "A whale" in client.get("/create/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("is_there", [True, False])
def test_words_too_long_for_a_draft_come_back_with_the_form(
    client: Client, asset: Asset, model: AIModel, is_there: bool
) -> None:
    if not is_there:
        Path(asset.file.path).unlink()
    sent = {"model": model.form_key, "start_frame": asset.pk, "aspect_ratio": "9:16", "crop": "start_frame"}
    answer = client.post(f"/assets/{asset.pk}/crop/", {**sent, "prompt": f"A fox{' in the snow' * 9000}"})
    assert answer.status_code == 422
    assert "in the snow in the snow" in answer.content.decode()
    assert "too long to be kept" in answer.content.decode()


@pytest.mark.django_db
def test_files_that_come_along_are_kept(client: Client, owner: User, asset: Asset) -> None:
    model = make_model(requires_start_frame=True, requires_end_frame=True)
    sent = {"model": model.form_key, "prompt": "A fox", "start_frame": asset.pk, "aspect_ratio": "9:16"}
    end = SimpleUploadedFile("end.png", png(64, 36))
    client.post(f"/assets/{asset.pk}/crop/", {**sent, "crop": "start_frame", "end_frame_file": end})
    page = client.get("/create/").content.decode()
    assert f'name="end_frame" value="{Asset.objects.get(name="end.png").pk}"' in page

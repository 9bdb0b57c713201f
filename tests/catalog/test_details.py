"""What is told only of a model alone: settings, and inputs by name."""

import pytest

from catalog.mirror.details import read_details
from catalog.mirror.sync import sync
from catalog.models import Account, AIModel, CallBudget, Change, Rest
from sandbox.server import Handle


def read_all(account: Account) -> int:
    """As the worker does, minute by minute."""
    read = 0
    while found := read_details(account):
        read += found
        CallBudget.objects.all().delete()
    return read


def test_models_gain_their_settings_and_named_inputs(hoox: Account) -> None:
    before = AIModel.objects.get(slug="kling-v3-motion-pro")
    assert before.settings is None

    assert read_all(hoox) == 40

    after = AIModel.objects.get(slug="kling-v3-motion-pro")
    assert [setting["key"] for setting in after.settings] == ["keepOriginalSound"]
    assert after.required_roles == {"start_frame", "input_video"}
    assert after.kind == "motion_control"


def test_nothing_is_read_twice_in_a_day(hoox: Account) -> None:
    read_all(hoox)

    assert read_details(hoox) == 0


def test_a_sync_keeps_what_the_details_told(hoox: Account) -> None:
    read_all(hoox)
    known = AIModel.objects.get(slug="veo-3.1-flf")

    sync(hoox)

    after = AIModel.objects.get(slug="veo-3.1-flf")
    assert (after.inputs, after.settings, after.detail_due) == (known.inputs, known.settings, False)


def test_a_model_whose_row_has_changed_is_asked_about_again(hoox: Account) -> None:
    read_all(hoox)
    AIModel.objects.filter(slug="veo-3.1").update(raw={"name": "veo-3.1", "was": "different"})
    sync(hoox)

    assert AIModel.objects.get(slug="veo-3.1").detail_due
    assert read_details(hoox) == 1
    assert not AIModel.objects.get(slug="veo-3.1").detail_due


@pytest.mark.parametrize("path", ["/asset/models/veo-3.1", "/asset/models/*"])
def test_a_service_in_trouble_costs_nothing_but_time(hoox: Account, sandbox: Handle, path: str) -> None:
    sandbox.fault("answer", status=503, service="hoox", match={"path": path}, times=3)

    read_details(hoox)
    CallBudget.objects.all().delete()
    Rest.objects.all().delete()
    AIModel.objects.update(detail_tried_at=None)  # as a minute later
    sandbox.clear_faults()
    read_all(hoox)

    assert not AIModel.objects.filter(account=hoox, detail_at=None).exists()


def test_a_change_shows_in_lists_at_once(hoox: Account) -> None:
    before = hoox.revision

    read_details(hoox)

    hoox.refresh_from_db()
    assert hoox.revision > before


def test_the_diary_tells_what_the_details_change_not_what_they_add(hoox: Account) -> None:
    read_all(hoox)
    assert not Change.objects.filter(account=hoox).exists()
    model = AIModel.objects.get(slug="veo-3.1")
    AIModel.objects.filter(pk=model.pk).update(aspect_ratios=["16:9", "9:16", "1:1"], detail_due=True)

    read_details(hoox)

    assert [change.kind for change in Change.objects.filter(model=model)] == ["ratios"]


def test_models_that_cannot_be_read_keep_nobody_waiting(hoox: Account, sandbox: Handle) -> None:
    for slug in ("reve-fast", "z-image-turbo", "upscale-video"):
        path = f"/asset/models/{slug}"
        sandbox.fault("answer", status=404, service="hoox", match={"path": path}, times=0)

    for _ in range(4):
        read_details(hoox)
        CallBudget.objects.all().delete()

    assert AIModel.objects.filter(account=hoox, detail_at=None).count() == 3


def test_what_the_details_are_silent_about_stays_as_the_list_told_it(hoox: Account, sandbox: Handle) -> None:
    sparse = {"name": "gemini-omni-video", "settings": [], "capabilities": {"max_images": 1, "min_images": 0}}
    path = "/asset/models/gemini-omni-video"
    sandbox.fault("answer", status=200, body=sparse, service="hoox", match={"path": path}, times=0)

    read_all(hoox)

    model = AIModel.objects.get(slug="gemini-omni-video")
    assert model.detail_at
    assert model.duration_choices_ms == [4000, 6000, 8000, 10_000]
    assert model.resolutions == ["720p", "1080p", "4k"]


def test_an_answer_about_another_model_is_not_taken(hoox: Account, sandbox: Handle) -> None:
    other = {"name": "sora-2", "settings": [], "input_schema": {"duration": {"enum": [99]}}}
    path = "/asset/models/gemini-omni-video"
    sandbox.fault("answer", status=200, body=other, service="hoox", match={"path": path}, times=0)

    read_details(hoox)

    assert AIModel.objects.get(slug="gemini-omni-video").detail_at is None

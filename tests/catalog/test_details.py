"""What is told only of a model alone: settings, and inputs by name."""

import pytest

from catalog.mirror.details import read_details
from catalog.mirror.sync import sync
from catalog.models import Account, AIModel, CallBudget, Change
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

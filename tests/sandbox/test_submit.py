"""Orders: what is answered, charged and refused, alone and in batches."""

from uuid import uuid4

import pytest

from tests.sandbox.conftest import Api, image_bytes, tone_bytes, video


def ids(count: int) -> list[str]:
    return [str(uuid4()) for _ in range(count)]


def test_an_order_is_accepted_and_charged(api: Api) -> None:
    order = video(name="First")
    answer = api.generate(order)

    assert answer["status"] == "queued"
    assert answer["progress"] == 0
    assert answer["eta_sec"] == 1
    assert answer["batch_generation_id"] is None
    assert [item["id"] for item in answer["batch_results"]] == [answer["id"]]
    assert answer["generated_video_inputs"]["text_prompt"] == "Waves at dawn"
    assert api.balance == 12_480 - 18
    assert api.entries[-1].items() >= {"generation_id": answer["id"], "kind": "charge", "credits": 18}.items()


def test_reserved_ids_are_kept(api: Api) -> None:
    generation_id, asset_id = ids(2)
    answer = api.generate(video(generation_id=generation_id, reserved_asset_id=asset_id))

    assert (answer["id"], answer["asset_id"]) == (generation_id, asset_id)
    assert api.finished(generation_id)["asset"]["id"] == asset_id


def test_a_repeated_generation_id_is_refused_and_costs_nothing(api: Api) -> None:
    order = video(generation_id=ids(1)[0])
    api.generate(order)
    again = api.post("/generations", order)

    assert again.status_code == 409
    assert "ALREADY_EXISTS" in again.json()["detail"]
    assert api.balance == 12_480 - 18


def test_a_repeated_asset_id_is_refused(api: Api) -> None:
    upload = api.upload("image", image_bytes())
    order = video(reserved_asset_id=ids(1)[0])
    api.generate(order)

    assert api.post("/generations", order).status_code == 409
    assert api.post("/generations", video(reserved_asset_id=upload)).status_code == 409


def test_a_batch_starts_as_many_takes_each_charged(api: Api) -> None:
    generations, assets = ids(3), ids(3)
    answer = api.generate(video(batch_size=3, generation_ids=generations, reserved_asset_ids=assets))

    assert [item["id"] for item in answer["batch_results"]] == generations
    assert [item["asset_id"] for item in answer["batch_results"]] == assets
    assert answer["id"] == generations[0]
    assert {api.listed(one)["batch_generation_id"] for one in generations} == {answer["batch_generation_id"]}
    assert api.balance == 12_480 - 3 * 18


def test_a_batch_with_one_known_id_starts_nothing(api: Api) -> None:
    known, new = ids(2)
    api.generate(video(generation_id=known))

    assert api.post("/generations", video(batch_size=2, generation_ids=[new, known])).status_code == 409
    assert api.get(f"/generations/{new}/status").status_code == 404
    assert api.balance == 12_480 - 18


def test_an_empty_wallet_starts_nothing(own: Api) -> None:
    own.sandbox.settings(balance=35)
    answer = own.post("/generations", video(batch_size=2))

    assert answer.status_code == 402
    assert answer.json()["detail"] == "MISSING_CREDITS: 36 credits are needed, 35 are left"
    assert own.balance == 35
    assert own.generate(video())["status"] == "queued"


def test_a_known_id_is_told_before_an_empty_wallet(own: Api) -> None:
    order = video(generation_id=ids(1)[0])
    own.generate(order)
    own.sandbox.settings(balance=0)

    assert own.post("/generations", order).status_code == 409


def test_an_image_and_an_end_image(api: Api) -> None:
    start, end = api.upload("image", image_bytes((300, 200))), api.upload("image", image_bytes(colour="blue"))
    order = video(
        model="kling-v3-standard-i2v",
        start_keyframe_id=start,
        end_keyframe_id=end,
        inputs={"resolution": "720p", "aspect_ratio": None, "duration_ms": 3000},
    )
    result = api.finished(api.generate(order)["id"])["asset"]["asset"]

    assert result["keyframe_start"]["id"] == start
    assert result["keyframe_end"]["id"] == end
    assert (result["width"], result["height"]) == (1280, 720)  # the offered ratio nearest to 3:2


@pytest.mark.parametrize(
    ("asked", "start_ms", "length_ms", "credits"),
    [(None, None, 3000, 11), (0, None, 3000, 11), (2000, None, 2000, 7), (None, -1000, 4000, 14)],
)
def test_the_audio_gives_the_length(
    api: Api, asked: int | None, start_ms: int | None, length_ms: int, credits: int
) -> None:
    order = video(
        model="hedra-avatar",
        start_keyframe_id=api.upload("image", image_bytes()),
        audio_id=api.upload("audio", tone_bytes(3)),
        inputs={"resolution": "540p", "duration_ms": asked},
        **({} if start_ms is None else {"audio_start_ms": start_ms}),
    )
    take = api.listed(api.generate(order)["id"])

    assert take["credit_cost"] == credits
    assert take["audio_start_ms"] == start_ms
    assert api.finished(take["id"])["asset"]["asset"]["duration_ms"] == length_ms


def test_several_shots_add_up(api: Api) -> None:
    shots = [{"prompt": "A", "duration_ms": 3000}, {"prompt": "B", "duration_ms": 4000}]
    inputs = {"resolution": "720p", "duration_ms": None, "multi_prompt": shots, "shot_type": "customize"}
    take = api.listed(api.generate(video(model="kling-v3-standard-t2v", inputs=inputs))["id"])

    assert take["credit_cost"] == 7 * 18


def test_a_result_can_be_the_input_of_another(api: Api) -> None:
    first = api.finished(api.generate(video(inputs={"aspect_ratio": "16:9"}))["id"])
    order = video(
        model="kling-o3-standard-reference-v2v",
        video_id=first["asset"]["id"],
        inputs={"resolution": "720p", "aspect_ratio": "auto", "duration_ms": 3000},
    )
    result = api.finished(api.generate(order)["id"])["asset"]["asset"]

    assert result["source_video_id"] == first["asset"]["id"]
    assert (result["width"], result["height"]) == (1280, 720)


def test_every_order_is_written_down(api: Api) -> None:
    order = video(generation_id=ids(1)[0])
    api.generate(order)
    api.post("/generations", order)
    entries = api.sandbox.requests(api.key)

    assert [entry["status"] for entry in entries] == [200, 409]
    assert [entry["body"] for entry in entries] == [order, order]

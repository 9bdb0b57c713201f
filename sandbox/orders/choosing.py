"""Which model a request is for."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.catalog import Catalog, Model
from sandbox.contract import Loc
from sandbox.wire import HttpError, Json, invalid, problem

NAMES = ("model_slug", "ai_model_id", "model_id")
INPUTS = "generated_video_inputs"


def chosen_model(body: Json, wanted: str, catalog: Catalog, loc: Loc = ("body",)) -> Model:
    """The one the body names, else the first of the type; for video a name is needed. Raises 422."""
    named = list(_named(body, loc))
    if not named and wanted == "video":
        raise invalid(problem("missing", (*loc, "model_slug"), "Field required", body))
    if not named:
        return next(model for model in catalog.models if is_for(model, wanted))
    models = [_found(catalog, wanted, where, key) for where, key in named]
    for model, (where, key) in zip(models, named, strict=True):
        if model is not models[0]:
            raise _wrong(where, "This names another model than the one before", key)
    return models[0]


def _found(catalog: Catalog, wanted: str, where: Loc, key: str) -> Model:
    model = catalog.find(key)
    if model is None:
        raise _wrong(where, "There is no such model", key)
    if not is_for(model, wanted):
        raise _wrong(where, f"{model.name} is not for {wanted}", key)
    return model


def _named(body: Json, loc: Loc) -> Iterator[tuple[Loc, str]]:
    for where, values in ((loc, body), ((*loc, INPUTS), body.get(INPUTS, {}))):
        yield from (((*where, name), values[name]) for name in NAMES if name in values)


def _wrong(loc: Loc, msg: str, key: str) -> HttpError:
    return invalid(problem("value_error", loc, msg, key))


def is_for(model: Model, wanted: str) -> bool:
    """Whether requests of this type are for the model; the catalog's own types are coarser."""
    if wanted == "image_to_image":
        return model.type == "image" and "image" in model.references
    if wanted == "motion_control":
        return model.type == "video" and model.needs("character_orientation")
    if wanted == "video_to_video":
        driven = model.needs("character_orientation") or model.has_tag("extend")
        return model.type == "video" and model.needs("input_video") and not driven
    return model.type == wanted

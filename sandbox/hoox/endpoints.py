"""The five calls, each with the account that makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.hoox.bodies import PRICING, body_of
from sandbox.hoox.errors import HooxError, InvalidBody, wrong
from sandbox.hoox.models import HooxModel, HooxModels
from sandbox.hoox.pricing import chosen
from sandbox.wire import Json, Request, Response

if TYPE_CHECKING:
    from sandbox.app import App

TYPES = ("image", "video")


class HooxEndpoints:
    def __init__(self, app: App) -> None:
        self._app = app
        self._models = HooxModels()

    def models(self, request: Request, account: str) -> Response:
        type = request.last("type")
        if type and type not in TYPES:
            raise InvalidBody(wrong("type", "There are image and video models."))
        return Response.of(self._models.listed(type, request.last("provider"), request.last("tag")))

    def model(self, request: Request, account: str, name: str) -> Response:
        model = self._models.find(name)
        if model is None:
            raise HooxError(404, f"There is no model {name}.", "model_not_found")
        return Response.of(model.details())

    def pricing(self, request: Request, account: str) -> Response:
        body = body_of(request, PRICING)
        choice = chosen(self._named(body), body, body["image_count"])
        answer: Json = {
            "model": choice.model.name,
            "cost_per_generation": choice.cost,
            "total_cost": choice.cost * body["generation_count"],
            "currency": "credits",
            "generation_count": body["generation_count"],
        }
        return Response.of({**answer, "normalized": choice.normalized} if choice.normalized else answer)

    def _named(self, body: Json) -> HooxModel:
        """The body's model. Raises InvalidBody."""
        model = self._models.find(body["model"])
        if model is None:
            raise InvalidBody(wrong("model", f"There is no model {body['model']}."))
        return model

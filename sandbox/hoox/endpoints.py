"""The five calls, each with the account that makes it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sandbox.hoox.assets import AssetAnswers
from sandbox.hoox.bodies import PRICING, START, TYPES, body_of
from sandbox.hoox.errors import HooxError, InvalidBody, wrong
from sandbox.hoox.jobs import Jobs
from sandbox.hoox.models import HooxModel, HooxModels
from sandbox.hoox.orders import Order
from sandbox.hoox.pricing import chosen
from sandbox.wire import Json, Request, Response

if TYPE_CHECKING:
    from sandbox.app import App


class HooxEndpoints:
    def __init__(self, app: App, jobs: Jobs, answers: AssetAnswers) -> None:
        self._app = app
        self._jobs = jobs
        self._answers = answers
        self._models = HooxModels()
        self._last_answer: dict[str, Response] = {}
        self._lock = threading.Lock()

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

    def start(self, request: Request, account: str) -> Response:
        body = body_of(request, START)
        order = Order(self._named(body), body, lambda asset_id: self._jobs.media(account, asset_id))
        kinds = {fault.kind: fault for fault in request.faults}
        if refused := kinds.get("refuse"):
            raise HooxError(400, refused.message or "The content was refused.", refused.code)
        ids = self._jobs.start(account, order, request.faults)
        response = Response.of(_accepted(order, ids), 201)
        with self._lock:
            before = self._last_answer.get(account)
            self._last_answer[account] = response
        return before if before and "repeat_answer" in kinds else response

    def status(self, request: Request, account: str, asset_id: str) -> Response:
        row = self._jobs.get(account, asset_id)
        return Response.of(self._answers.told(row, self._app.answers(request).link))

    def _named(self, body: Json) -> HooxModel:
        """The body's model. Raises InvalidBody."""
        model = self._models.find(body["model"])
        if model is None:
            raise InvalidBody(wrong("model", f"There is no model {body['model']}."))
        return model


def _accepted(order: Order, ids: list[str]) -> Json:
    return {
        "asset_ids": ids,
        "status": "generating",
        "count": len(ids),
        "cost_per_generation": order.cost,
        "total_cost": order.cost * len(ids),
    }

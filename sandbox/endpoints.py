"""The nine endpoints of the contract."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sandbox.assets import Media
from sandbox.bodies import ASSET_TYPES, GENERATION_TYPES, create_asset_body, generation_body
from sandbox.clock import iso
from sandbox.contract import checked, integer, list_of, moment, one_of, uuid_text
from sandbox.generations import Row, made, result_media
from sandbox.multipart import file_part
from sandbox.orders.order import Speaker, Supplies
from sandbox.orders.reading import read_order
from sandbox.voices import pitch_of
from sandbox.wire import HttpError, Json, Request, Response, invalid, problem

if TYPE_CHECKING:
    from sandbox.app import App

PAGE_LIMIT = 100


class Endpoints:
    def __init__(self, app: App) -> None:
        self._app = app
        self._last_answer: dict[str, Response] = {}
        self._lock = threading.Lock()

    def models(self, request: Request) -> Response:
        self._account(request)
        types = checked(
            list_of(one_of(*GENERATION_TYPES)), request.query.get("types", []), ("query", "types")
        )
        models = self._app.catalog.models
        return Response.of(
            [model.listed(request.base_url) for model in models if not types or model.row["type"] in types]
        )

    def voices(self, request: Request) -> Response:
        account = self._account(request)
        return Response.of(self._voices(account, request))

    def _voices(self, account: str, request: Request) -> list[Json]:
        """The library, and what the account cloned."""
        library = self._app.voices.listed(self._app.answers(request).link)
        return [*library, *self._results(account, request, "voice")]

    def credits(self, request: Request) -> Response:
        return Response.of(self._app.accounts.summary(self._account(request)))

    def list_assets(self, request: Request) -> Response:
        account = self._account(request)
        kind = request.last("type")
        if kind is None:
            raise invalid(problem("missing", ("query", "type"), "Field required"))
        checked(one_of(*ASSET_TYPES), kind, ("query", "type"))
        answers = self._app.answers(request)
        if kind == "voice":
            rows = self._voices(account, request)
        else:
            rows = [answers.upload(row) for row in self._app.assets.listed(account, kind)]
            rows += self._results(account, request, kind)
        ids = _ids(request)
        return Response.of([row for row in rows if ids is None or row["id"] in ids])

    def _results(self, account: str, request: Request, kind: str) -> list[Json]:
        generations = self._app.generations
        rows = generations.listed(account, 10_000, 0, kind=kind)
        answers = self._app.answers(request)
        return [answers.result(row) for row in rows if generations.moment(row).status == "complete"]

    def create_asset(self, request: Request) -> Response:
        account = self._account(request)
        body = create_asset_body(request.json())
        asset_id = self._app.assets.create(account, body)
        answer = {**body, "id": asset_id, "upload_url": None}
        if body["type"] == "video":
            answer["upload_url"] = self._app.answers(request).link(f"/uploads/{asset_id}")
        return Response.of(answer)

    def upload_asset(self, request: Request, asset_id: str) -> Response:
        account = self._account(request)
        asset_id = checked(uuid_text, asset_id, ("path", "id"))
        row = self._app.assets.row(asset_id, account)
        self._app.assets.receive(row, file_part(request), self._app.settings.max_upload_bytes)
        return Response.of(self._app.answers(request).upload(self._app.assets.row(asset_id)))

    def list_generations(self, request: Request) -> Response:
        account = self._account(request)
        limit, offset = self._paging(request)
        order = self._app.settings.order
        rows = self._app.generations.listed(account, limit, offset, order, **_filters(request))
        self._want(rows)
        answers = self._app.answers(request)
        page_info = {"limit": limit, "offset": offset}
        return Response.of({"page_info": page_info, "data": [answers.generation(row) for row in rows]})

    def _paging(self, request: Request) -> tuple[int, int]:
        """The service's trap: flat limit and offset have no effect, the documented object is refused."""
        if "paging_params" in request.query:
            msg = "Input should be a valid dictionary or object to extract fields from"
            value = request.last("paging_params")
            raise invalid(problem("model_attributes_type", ("query", "paging_params"), msg, value))
        if self._app.settings.paging != "flat":
            return PAGE_LIMIT, 0
        limit = checked(integer(0), request.last("limit") or PAGE_LIMIT, ("query", "limit"))
        return limit, checked(integer(0), request.last("offset") or 0, ("query", "offset"))

    def status(self, request: Request, generation_id: str) -> Response:
        account = self._account(request)
        generation_id = checked(uuid_text, generation_id, ("path", "generation_id"))
        row = self._app.generations.get(account, generation_id)
        self._want([row])
        return Response.of(self._app.answers(request).status(row))

    def _want(self, rows: list[Row]) -> None:
        for row in rows:
            if self._app.generations.moment(row).due:
                self._app.workshop.want(row["id"])

    def generate(self, request: Request) -> Response:
        account = self._account(request)
        app = self._app
        body = generation_body(request.json())
        order = read_order(body, self._supplies(account))
        kinds = {fault.kind: fault for fault in request.faults}
        if refused := kinds.get("refuse"):
            raise HttpError(400, f"{refused.code}: {refused.message or 'The content was refused.'}")
        submitted = app.generations.submit(account, body, order, request.faults)
        app.workshop.wake()
        response = Response.of(app.answers(request).submission(body, submitted))
        with self._lock:
            before = self._last_answer.get(account)
            self._last_answer[account] = response
        return before if before and "repeat_answer" in kinds else response

    def _account(self, request: Request) -> str:
        account = self._app.accounts.of_request(request)
        self._app.generations.settle(account)
        return account

    def _supplies(self, account: str) -> Supplies:
        return Supplies(
            self._app.catalog,
            lambda asset_id: self._media(account, asset_id),
            lambda voice_id: self._speaker(account, voice_id),
        )

    def _media(self, account: str, asset_id: str) -> Media | None:
        """An upload or a result of this account."""
        found = self._app.generations.by_asset(account, asset_id)
        if found:
            status = self._app.generations.moment(found).status
            return result_media(found, status, self._app.workshop.result_path(found))
        try:
            return self._app.assets.media(self._app.assets.row(asset_id, account))
        except HttpError:
            return None

    def _speaker(self, account: str, voice_id: str) -> Speaker | None:
        """A voice of the library, or one that this account cloned."""
        if voice := self._app.voices.find(voice_id):
            return Speaker(voice.name, voice.pitch or pitch_of(voice_id))
        cloned = self._app.generations.by_asset(account, voice_id)
        if cloned is None or made(cloned) != "voice":
            return None
        ready = self._app.generations.moment(cloned).status == "complete"
        return Speaker(cloned["prompt"], pitch_of(voice_id)) if ready else None


def _ids(request: Request) -> list[str] | None:
    """The comma list; unknown and malformed ids simply match nothing."""
    text = request.last("ids")
    return None if text is None else [part.strip().lower() for part in text.split(",") if part.strip()]


def _filters(request: Request) -> Json:
    filters: Json = {"ids": _ids(request), "prompt": request.last("prompt_query")}
    if kind := request.last("type"):
        checked(one_of(*dict.fromkeys((*ASSET_TYPES, *GENERATION_TYPES))), kind, ("query", "type"))
        filters["kind" if kind in ASSET_TYPES else "request"] = kind
    if thread := request.last("agent_thread_id"):
        filters["thread"] = checked(uuid_text, thread, ("query", "agent_thread_id"))
    for name, parameter in (("before", "created_before"), ("after", "created_after")):
        if value := request.last(parameter):
            filters[name] = iso(moment(value, ("query", parameter)))
    return filters

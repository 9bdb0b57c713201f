"""The inputs of a shot in a browser, as several tests use them."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import Locator, Page, Request
from pytest_django.live_server_helper import LiveServer

from catalog.models import AIModel
from generations import uploads
from generations.models import Asset


def open_form(page: Page, live_server: LiveServer, model: AIModel, query: str = "") -> None:
    page.goto(f"{live_server.url}/create/?from=1&model={model.form_key}{query}")
    page.wait_for_function("() => window.htmx !== undefined")


def slot(page: Page, role: str) -> Locator:
    return page.locator(f"#slot-{role}")


def values(page: Page, name: str) -> list[str]:
    return [field.input_value() for field in page.locator(f"#create-form input[name={name}]").all()]


def is_upload_of(name: str, request: Request) -> bool:
    return request.url.endswith("/assets/") and name.encode() in (request.post_data_buffer or b"")


def uploaded(owner: User, name: str, content: bytes, kind: str = "image") -> Asset:
    return uploads.store(owner, SimpleUploadedFile(name, content), kind)

"""The web application: the API, the pages, and their answers to errors."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.types import ASGIApp

from classroom.web import api
from classroom.web.documents import Finals, NameChoice
from classroom.web.http import problems
from classroom.web.http.bodies import CloseUnread
from classroom.web.http.headers import SecurityHeaders
from classroom.web.http.problems import ErrorItem, ProblemDocument
from classroom.web.pages import board, failures, instructor, sign_in, student
from classroom.web.service import Service
from classroom.web.site import FOLDER, Assets, Site
from classroom.web.views.snapshots import Snapshots


class _Strict(FastAPI):
    """Adds security headers to every answer, also to answers with status 500."""

    def build_middleware_stack(self) -> ASGIApp:
        return SecurityHeaders(CloseUnread(super().build_middleware_stack()))


def create_app(service: Service) -> FastAPI:
    """Return the application over a service."""
    app = _Strict(
        title="Leaderboard",
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # those pages load scripts from other sites
        redoc_url=None,
    )
    app.state.service = service
    app.state.site = Site()
    app.state.snapshots = Snapshots(service, app.state.site)
    app.include_router(api.router)
    for pages in (board, sign_in, student, instructor):
        app.include_router(pages.router)
    app.mount("/static", Assets(directory=FOLDER))
    problems.install(app)
    failures.install(app)
    _describe_problems(app)
    return app


def _describe_problems(app: FastAPI) -> None:
    """Add the schemas of problems and JSON bodies to the OpenAPI document."""
    made = app.openapi()
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    template = "#/components/schemas/{model}"
    for model in (ErrorItem, ProblemDocument, Finals, NameChoice):
        schema = model.model_json_schema(ref_template=template)
        schema.pop("$defs", None)
        schemas[model.__name__] = schema
    app.openapi_schema = made

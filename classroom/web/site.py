"""The shared parts of all pages: templates, assets, and formats of numbers and times."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from classroom.storage.tables import Person

FOLDER = Path(__file__).parent / "pages" / "static"
A_YEAR = "public, max-age=31536000, immutable"
METRICS = {"top5_error": "Top-5 error", "top1_accuracy": "Top-1 accuracy"}


@dataclass(frozen=True)
class Frame:
    """The visitor's data for the frame around a page."""

    person: Person | None
    form_token: str


NOBODY = Frame(None, "")


class Site:
    """The templates and the assets of one application."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("classroom.web.pages"),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["asset"] = self._asset
        self._templates.filters |= {
            "score": score,
            "short": short_score,
            "when": when,
            "moment": moment,
            "iso": iso,
            "metric": METRICS.__getitem__,
            "ordinal": ordinal,
            "counted": counted,
        }
        self._digests = {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            for path in FOLDER.iterdir()
        }

    def _asset(self, name: str) -> str:
        return f"/static/{name}?v={self._digests[name]}"

    def page(
        self,
        request: Request,
        template: str,
        frame: Frame,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """Return a page rendered from a template."""
        made = self._templates.get_template(template).render(
            frame=frame, path=request.url.path, **context
        )
        return HTMLResponse(made, status, headers)

    def part(self, template: str, macro: str, *arguments: Any) -> Markup:
        """Return a part of a page, rendered by a macro of a template."""
        made: Markup = getattr(self._templates.get_template(template).module, macro)(*arguments)
        return made


class Assets(StaticFiles):
    """Static files that browsers cache; a changed file gets a new address."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a whole file, cacheable for a year.

        Range requests are ignored: a request for thousands of ranges would be expensive.
        """
        scope["headers"] = [one for one in scope["headers"] if one[0] != b"range"]
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["Cache-Control"] = A_YEAR
        return response


def site_of(request: Request) -> Site:
    """Return the site of the request's application."""
    site: Site = request.app.state.site
    return site


def score(value: float | None) -> str:
    """Return a score with four decimals, as in the notebook."""
    return "–" if value is None else f"{value:.4f}"


def short_score(value: float) -> str:
    """Return a score with three decimals."""
    return f"{value:.3f}"


def when(at: datetime, zone: str = "UTC") -> str:
    """Return a time in a zone: ``3 Nov 14:02``, without a line break in the date."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.day}\N{NO-BREAK SPACE}{local:%b %H:%M}"


def moment(at: datetime, zone: str = "UTC") -> str:
    """Return a time to the second: ``3 Nov 2026, 14:02:09``."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b %Y, %H:%M:%S}"


def iso(at: datetime) -> str:
    """Return a time in ISO 8601, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ordinal(number: int) -> str:
    """Return 1st for 1."""
    tail = number % 100
    ending = "th" if 10 <= tail <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(tail % 10, "th")
    return f"{number}{ending}"


def counted(number: int, one: str, many: str = "") -> str:
    """Return ``1 entry`` or ``2 entries``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"

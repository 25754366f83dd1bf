"""The web application: four endpoints, read only."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from scripts.federation.beacon import answers
from scripts.federation.beacon.answers import Identity
from scripts.federation.beacon.limits import Limit, Log
from scripts.federation.beacon.question import Unanswerable, question
from scripts.federation.beacon.store import Store

LARGEST = 10_000  # bytes of a question


def identity(store: Store, root: str, environment: str) -> Identity:
    """Who answers, as the dataset's manifest says it."""
    told = store.manifest["metadata"]
    contact = told["contactPoint"]
    return Identity(
        id=f"{told['datasetId'].lower().replace('-', '.')}.beacon",
        name=told["title"],
        description=told["description"],
        organisation=told["creator"][0]["name"],
        contact=contact["hasEmail"],
        welcome=contact.get("hasURL", root),
        root=root,
        environment=environment,
        version=told["datasetId"],
    )


def application(folder: Path, root: str, a_minute: int, log: Path | None, environment: str = "prod") -> FastAPI:
    """The Beacon of the dataset in `folder`. root: its address for clients; a_minute: questions of one address."""
    store = Store(folder)
    who, limit, noted = identity(store, root.rstrip("/"), environment), Limit(a_minute), Log(log)
    app = FastAPI(title=who.name, docs_url=None, redoc_url=None, openapi_url=None)

    def failed(code: int, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
        return JSONResponse(answers.error(who, code, message), code, headers)

    @app.middleware("http")
    async def guard(request: Request, answer):
        if seconds := limit.wait(request.client.host if request.client else ""):
            noted.note(endpoint=request.url.path, status=429)
            return failed(429, "too many questions: wait a little", {"Retry-After": str(int(seconds) + 1)})
        return await answer(request)

    @app.exception_handler(HTTPException)
    async def unknown(request: Request, error: HTTPException) -> JSONResponse:
        return failed(error.status_code, str(error.detail))

    @app.get("/")
    @app.get("/info")
    async def info() -> dict[str, Any]:
        return answers.info(who)

    @app.get("/service-info")
    async def service_info() -> dict[str, Any]:
        return answers.service_info(who)

    @app.get("/map")
    async def map_() -> dict[str, Any]:
        return answers.map_(who)

    @app.api_route("/g_variants", methods=["GET", "POST"])
    async def variants(request: Request) -> JSONResponse:
        began = time.perf_counter()
        try:
            asked, requested = await _asked(request)
            meant = question(asked, requested)
        except Unanswerable as reason:
            noted.note(endpoint="/g_variants", status=400)
            return failed(400, str(reason))
        number = await run_in_threadpool(store.count, meant)
        spent = round(1000 * (time.perf_counter() - began), 1)
        noted.note(endpoint="/g_variants", status=200, kind=meant.kind, granularity=meant.granularity, ms=spent)
        return JSONResponse(answers.answer(who, asked, requested, meant.granularity, number))

    return app


async def _asked(request: Request) -> tuple[dict[str, Any], str]:
    """Parameters and granularity, from the address (GET) or the body (POST). Raises Unanswerable."""
    if request.method == "GET":
        asked = dict(request.query_params)
        asked = {name: value for name, value in asked.items() if name not in ("skip", "limit", "testMode")}
        asked.pop("includeResultsetResponses", None)
        requested = asked.pop("requestedGranularity", "boolean")
        if "filters" in asked:
            raise Unanswerable("'filters' are not supported here: ask by position")
        return asked, requested
    if int(request.headers.get("content-length") or LARGEST + 1) > LARGEST:
        raise Unanswerable(f"a question has a length, of {LARGEST} bytes at most")
    try:
        body = await request.json()
        query = body.get("query") or {}
        asked, requested = query.get("requestParameters") or {}, query.get("requestedGranularity", "boolean")
    except (ValueError, AttributeError):
        raise Unanswerable("the body is a Beacon request, in JSON") from None
    if isinstance(asked, dict) and isinstance(asked.get("g_variant"), dict):
        asked = asked["g_variant"]
    if not isinstance(asked, dict) or not isinstance(requested, str):
        raise Unanswerable("the body is a Beacon request, in JSON")
    if query.get("filters"):
        raise Unanswerable("'filters' are not supported here: ask by position")
    return asked, requested

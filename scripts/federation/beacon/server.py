"""The web application: the framework's endpoints and that of genomic variations, read only."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Route
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from scripts.federation.beacon import answers, request
from scripts.federation.beacon.answers import Identity
from scripts.federation.beacon.limits import Limit, Log
from scripts.federation.beacon.question import question
from scripts.federation.beacon.request import Asked, Unanswerable
from scripts.federation.beacon.store import Store

VARIANTS = "/g_variants"
NOTHING = Asked()


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
        access=told["accessRights"].rpartition("/")[2],
    )


def application(
    folder: Path, root: str, a_minute: int, log: Path | None, environment: str = "prod", proxies: Sequence[str] = ()
) -> FastAPI:
    """The Beacon of the dataset in `folder`.

    root      its address for clients
    a_minute  questions of one address
    proxies   addresses or networks whose word is taken for whom they ask; nobody else's is
    """
    store = Store(folder)
    who, limit, noted = identity(store, root.rstrip("/"), environment), Limit(a_minute), Log(log)
    app = FastAPI(title=who.name, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)

    def failed(code: int, message: str, asked: Asked = NOTHING, headers: Any = None) -> JSONResponse:
        return JSONResponse(answers.error(who, asked, code, message), code, headers)

    @app.middleware("http")
    async def guard(http: Request, answer):
        if seconds := limit.wait(http.client.host if http.client else ""):
            # An address that is none of ours may hold what was asked for: it is not noted.
            noted.note(endpoint=http.url.path if http.url.path in paths else "", status=429)
            return failed(429, "too many questions: wait a little", headers={"Retry-After": str(int(seconds) + 1)})
        return await answer(http)

    if proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(proxies))

    @app.exception_handler(HTTPException)
    async def unknown(http: Request, error: HTTPException) -> JSONResponse:
        return failed(error.status_code, str(error.detail), headers=error.headers)

    @app.exception_handler(Unanswerable)
    async def unanswerable(http: Request, error: Unanswerable) -> JSONResponse:
        return failed(400, str(error))

    @app.exception_handler(ClientDisconnect)
    async def gone(http: Request, error: ClientDisconnect) -> JSONResponse:
        return failed(400, "the body ended before its end")

    @app.exception_handler(Exception)
    async def broken(http: Request, error: Exception) -> JSONResponse:
        return failed(500, "this Beacon failed at the question: tell its contact")

    @app.get("/")
    @app.get("/info")
    async def info(http: Request) -> dict[str, Any]:
        return answers.info(who, request.from_address(http.query_params.multi_items(), "info"))

    @app.get("/service-info")
    async def service_info() -> dict[str, Any]:
        return answers.service_info(who)

    @app.get("/map")
    async def map_() -> dict[str, Any]:
        return answers.map_(who)

    @app.get("/configuration")
    async def configuration() -> dict[str, Any]:
        return answers.configuration(who)

    @app.get("/entry_types")
    async def entry_types() -> dict[str, Any]:
        return answers.entry_types(who)

    @app.get("/filtering_terms")
    async def filtering_terms(http: Request) -> dict[str, Any]:
        request.from_address(http.query_params.multi_items(), "filteringTerm")
        return answers.filtering_terms(who)

    @app.api_route(VARIANTS, methods=["GET", "POST"])
    async def variants(http: Request) -> JSONResponse:
        began, asked = time.perf_counter(), NOTHING
        try:
            if http.method == "GET":
                asked = request.from_address(http.query_params.multi_items(), "genomicVariant")
            else:
                asked = await request.from_body(http.stream(), http.headers.get("content-type", ""))
            meant = question(asked.parameters, asked.granularity)
            if asked.datasets and who.version not in asked.datasets:
                raise Unanswerable(f"none of these 'datasets' is here: this Beacon has {who.version}")
        except Unanswerable as reason:
            noted.note(endpoint=VARIANTS, status=400)
            return failed(400, str(reason), asked)
        number = await run_in_threadpool(store.count, meant)
        spent = round(1000 * (time.perf_counter() - began), 1)
        noted.note(endpoint=VARIANTS, status=200, kind=meant.kind, granularity=meant.granularity, ms=spent)
        return JSONResponse(answers.answer(who, asked, meant.granularity, number))

    paths = {route.path for route in app.routes if isinstance(route, Route)}
    return app

"""Packages: pushes of agencies without a line, handed in by whoever carried them, and their answers."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from services.exchange.api.batches import await_verdicts, checked_kind
from services.exchange.api.models import BatchAnswer
from services.exchange.api.sessions import ThisExchange
from services.exchange.client.package import LONGEST_MANIFEST, MEDIA_TYPE
from services.exchange.context import Exchange
from services.exchange.service import batches as service
from services.exchange.service import packages, sheets
from services.exchange.service.upload import NDJSON, spool
from services.exchange.store import batches as store
from services.kernel.access import CallingAgency
from services.kernel.idempotency import read_key
from services.kernel.problems import Problem
from services.kernel.texts import choose

router: Final = APIRouter(prefix="/v1/packages", tags=["packages"])
_BINARY: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "binary"}}


def _takes(media_type: str) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {media_type: _BINARY}}}


@router.post(
    "",
    response_model=BatchAnswer,
    responses={202: {"model": BatchAnswer, "description": "Durable; ask `/v1/packages/answer`."}},
    openapi_extra=_takes(MEDIA_TYPE),
)
async def take_in_package(exchange: ThisExchange, _: CallingAgency, request: Request) -> Response:
    """Take a package in: a push in the name of the agency that signed it, under the key that its manifest names. A
    package that comes twice gets the stored answer."""
    language = choose(request.headers.get("accept-language"))
    settings = exchange.settings
    with spool(settings) as file, spool(settings) as body, spool(settings) as lines:
        await packages.spool_package(exchange, request.stream(), file)
        package = await run_in_threadpool(packages.open_package, exchange, file)
        key = read_key([package.manifest.idempotency_key])
        upload = await packages.body_of(exchange, package, file, body)
        kind = checked_kind(package.manifest.kind, upload, language)
        if kind is not None:
            upload = await sheets.convert(exchange, upload, kind, lines, language)
        taken = await run_in_threadpool(
            service.take_in, exchange, upload, package.principal, key=key, language=language
        )
    answer = taken if isinstance(taken, service.Answer) else await await_verdicts(exchange, taken)
    headers = {"Retry-After": "1"} if answer.status == 202 else {}
    return Response(answer.body, status_code=answer.status, media_type="application/json", headers=headers)


@router.post(
    "/answer",
    response_model=BatchAnswer,
    responses={200: {"content": {NDJSON: _BINARY}}},
    openapi_extra=_takes("application/jose"),
)
async def read_answer(exchange: ThisExchange, _: CallingAgency, request: Request) -> Response:
    """How far the push of a package is, its receipt once it is complete, or, as NDJSON, its verdicts. What is sent is
    the signed manifest, the second line of the package: who holds the package may carry its answer back."""
    line = b""
    async for chunk in request.stream():
        line += chunk
        if len(line) > LONGEST_MANIFEST:
            raise Problem("body_too_large", limit=LONGEST_MANIFEST)
    package = await run_in_threadpool(
        packages.verify, exchange, line.decode("ascii", errors="replace").strip()
    )
    batch = await run_in_threadpool(packages.taken_in, exchange, package)
    if NDJSON not in request.headers.get("accept", ""):
        return Response(msgspec.json.encode(service.describe(batch)), media_type="application/json")
    if batch.status != "completed":
        raise Problem("batch_incomplete", headers={"Retry-After": "1"})
    return StreamingResponse(_verdicts(exchange, batch.id), media_type=NDJSON)


def _verdicts(exchange: Exchange, batch_id: str) -> Iterator[bytes]:
    with exchange.database.read() as session:
        for _, _, verdicts, _ in store.verdict_pages(session, batch_id):
            yield verdicts.encode()

"""Batches: push, read back, verdicts, receipt."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Final

import httpx
import msgspec
from fastapi import APIRouter, Header, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from services.exchange.api.models import BatchAnswer, BatchList, ReceiptAnswer, VerdictList
from services.exchange.api.sessions import Reading, ThisExchange
from services.exchange.context import Exchange
from services.exchange.service import batches as service
from services.exchange.service import sheets
from services.exchange.service.upload import CSV, NDJSON, SHEETS, XLSX, Upload, receive, spool
from services.exchange.service.verdicts import verdict_lines
from services.exchange.store import batches as store
from services.exchange.tables import Batch
from services.kernel import paging
from services.kernel.access import CallingAgency
from services.kernel.db import ReadSession
from services.kernel.faults import FAULTS
from services.kernel.idempotency import read_key
from services.kernel.kinds import KINDS
from services.kernel.problems import Problem
from services.kernel.texts import Language, Text, choose

router: Final = APIRouter(prefix="/v1/batches", tags=["batches"])
_LENGTH: Final = re.compile("[0-9]{1,18}")
IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", description="1 to 200 visible characters; keep it when you retry."),
]
_RECORDS_SCHEMA: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Push"}},
            NDJSON: {"schema": {"type": "string", "format": "binary", "description": "One record a line."}},
            CSV: {
                "schema": {
                    "type": "string",
                    "format": "binary",
                    "description": "A sheet by the kind's template.",
                }
            },
            XLSX: {
                "schema": {"type": "string", "format": "binary", "description": "A workbook by the template."}
            },
        },
    },
}


@router.post(
    "",
    response_model=BatchAnswer,
    responses={202: {"model": BatchAnswer, "description": "Durable; the verdicts follow at `items_url`."}},
    openapi_extra=_RECORDS_SCHEMA,
)
async def push_batch(
    exchange: ThisExchange,
    principal: CallingAgency,
    request: Request,
    _: IdempotencyKey = None,
    dry_run: Annotated[bool, Query(description="Check and answer as a push would; store nothing.")] = False,
    kind: Annotated[
        str | None,
        Query(description="Of a sheet (CSV, XLSX): which kind its rows are, as in `/v1/catalogue`."),
    ] = None,
) -> Response:
    """Push records. A small batch is answered with its verdicts, a large one with 202 and a place to look."""
    key = read_key(request.headers.getlist("idempotency-key"))
    language = choose(request.headers.get("accept-language"))
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Problem("media_type_unsupported")
    announced = _announced(request.headers.get("content-length"))
    with spool(exchange.settings) as file, spool(exchange.settings) as lines:
        upload = await receive(
            request.stream(), file, media_type=request.headers.get("content-type", ""),
            announced=announced, settings=exchange.settings,
        )  # fmt: skip
        wanted = checked_kind(kind, upload, language)
        if wanted is not None:
            upload = await sheets.convert(exchange, upload, wanted, lines, language)
        if dry_run:
            body = await service.rehearse(exchange, upload, principal.agency, language)
            return Response(body, media_type="application/json")
        taken = await run_in_threadpool(
            service.take_in, exchange, upload, principal, key=key, language=language
        )
    answer = taken if isinstance(taken, service.Answer) else await await_verdicts(exchange, taken)
    headers = (
        {"Retry-After": "1", "Location": f"/v1/batches/{answer.batch_id}"} if answer.status == 202 else {}
    )
    return Response(answer.body, status_code=answer.status, media_type="application/json", headers=headers)


_KIND_NEEDED: Final = Text("表格须以参数 kind 指明信息类别", "A sheet needs the parameter kind")
_KIND_NOT_TAKEN: Final = Text("JSON 记录自带 kind，不接受此参数", "JSON records name their kind themselves")


def checked_kind(kind: str | None, upload: Upload, language: Language) -> str | None:
    """The kind of a sheet's rows; None for records that name theirs.

    Raises:
        Problem: `parameter_invalid` when a sheet has none, or records have one.
    """
    is_sheet = upload.media_type in SHEETS
    if is_sheet and kind in KINDS:
        return kind
    if not is_sheet and kind is None:
        return None
    code, text = (
        ("kind_unknown", FAULTS["kind_unknown"].to(language, value=kind))
        if is_sheet and kind is not None
        else ("field_missing", _KIND_NEEDED.to(language))
        if is_sheet
        else ("field_unknown", _KIND_NOT_TAKEN.to(language))
    )
    raise Problem("parameter_invalid", faults=[{"code": code, "field": "query:kind", "message": text}])


def _announced(length: str | None) -> int | None:
    if length is None:
        return None
    if not _LENGTH.fullmatch(length):
        raise Problem("upload_incomplete")
    return int(length)


async def await_verdicts(exchange: Exchange, received: service.Received) -> service.Answer:
    """The answer of a push that was just received: its verdicts when they come at once, else the promise of them."""
    if received.is_small:
        try:
            await service.process(exchange, received.batch_id)
        except httpx.HTTPError:
            pass  # the bytes are durable: the worker goes on with them, and the caller is told so
        else:
            answer = await run_in_threadpool(service.stored_answer, exchange, received.batch_id)
            if answer is not None:
                return answer
    exchange.pushes.ring()
    return await run_in_threadpool(service.promise, exchange, received.batch_id)


@router.get("", response_model=BatchList)
def list_batches(
    exchange: ThisExchange,
    session: Reading,
    principal: CallingAgency,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: str | None = None,
) -> Response:
    """The agency's own batches, the latest first."""
    binding, key = f"batches:{principal.agency}", exchange.key("cursors")
    before = int(paging.decode(key, cursor, binding=binding)[0] or 0) if cursor else None
    found = store.page_of(session, principal.agency, before=before, limit=limit + 1)
    following = paging.encode(key, [found[limit - 1].no], binding=binding) if len(found) > limit else None
    body = msgspec.json.encode(
        {"items": [service.describe(batch) for batch in found[:limit]], "next": following}
    )
    headers = {"Link": f'<{router.prefix}?cursor={following}>; rel="next"'} if following else {}
    return Response(body, media_type="application/json", headers=headers)


@router.get("/{batch_id}", response_model=BatchAnswer)
def read_batch(session: Reading, principal: CallingAgency, batch_id: str) -> Response:
    """How far a batch is, and its receipt once it is complete. `items` stay at `items_url`."""
    batch = _own(session, batch_id, principal)
    is_complete = batch.status == "completed"
    described = service.describe(batch, None if is_complete else service.counts_so_far(session, batch_id))
    headers = {} if is_complete else {"Retry-After": "1"}
    return Response(msgspec.json.encode(described), media_type="application/json", headers=headers)


@router.get(
    "/{batch_id}/items",
    response_model=VerdictList,
    responses={200: {"content": {NDJSON: {"schema": {"type": "string", "format": "binary"}}}}},
)
def list_verdicts(
    exchange: ThisExchange,
    session: Reading,
    principal: CallingAgency,
    request: Request,
    batch_id: str,
    cursor: str | None = None,
) -> Response:
    """The verdicts of a complete batch in order: JSON page by page, or all as NDJSON, the bytes that the receipt signs."""
    batch = _own(session, batch_id, principal)
    _refuse_incomplete(batch)
    if NDJSON in request.headers.get("accept", ""):
        return StreamingResponse(_all_verdicts(exchange, batch_id), media_type=NDJSON)
    binding, key = f"items:{batch_id}", exchange.key("cursors")
    start = int(paging.decode(key, cursor, binding=binding)[0] or 0) if cursor else 0
    pages = iter(store.verdict_pages(session, batch_id, start=start))
    page, rest = next(pages, None), next(pages, None)
    lines = verdict_lines(page[2]) if page else []
    following = paging.encode(key, [rest[0]], binding=binding) if rest else None
    body = b'{"items":[' + ",".join(lines).encode() + b'],"next":' + msgspec.json.encode(following) + b"}"
    headers = {"Link": f'</v1/batches/{batch_id}/items?cursor={following}>; rel="next"'} if following else {}
    return Response(body, media_type="application/json", headers=headers)


def _all_verdicts(exchange: Exchange, batch_id: str) -> Iterator[bytes]:
    with exchange.database.read() as session:
        for _, _, verdicts, _ in store.verdict_pages(session, batch_id):
            yield verdicts.encode()


@router.get("/{batch_id}/receipt", response_model=ReceiptAnswer)
def read_receipt(session: Reading, principal: CallingAgency, batch_id: str) -> Response:
    """The signed receipt of a complete batch: the same bytes whenever it is asked for."""
    batch = _own(session, batch_id, principal)
    _refuse_incomplete(batch)
    return Response(msgspec.json.encode({"receipt": batch.receipt}), media_type="application/json")


def _own(session: ReadSession, batch_id: str, principal: CallingAgency) -> Batch:
    batch = store.find(session, batch_id, principal.agency)
    if batch is None:
        raise Problem("not_found")
    return batch


def _refuse_incomplete(batch: Batch) -> None:
    if batch.status != "completed":
        raise Problem("batch_incomplete", headers={"Retry-After": "1"})

"""Files for clerks: the template of a kind, and the annotated copy of a sheet that was pushed."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO, Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from services.exchange.api.sessions import ThisExchange
from services.exchange.context import Exchange
from services.exchange.service import sheets
from services.exchange.service.templates import csv_template, xlsx_template
from services.exchange.service.upload import CSV, XLSX
from services.exchange.store import batches
from services.exchange.tables import Batch
from services.kernel.access import CallingAgency
from services.kernel.kinds import KINDS
from services.kernel.problems import Problem

router: Final = APIRouter(prefix="/v1", tags=["sheets"])
_CHUNK: Final = 1 << 20
_BINARY: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "binary"}}
_FILES: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {XLSX: _BINARY, CSV: _BINARY}}}


@router.get("/catalogue/{kind}/template", response_class=Response, responses=_FILES)
def download_template(
    kind: str,
    format: Annotated[  # noqa: A002 - the name of the parameter in the contract
        Literal["xlsx", "csv"], Query(description="A workbook with code lists, or plain CSV")
    ] = "xlsx",
) -> Response:
    """The official template of a kind: its titles, an example row to be deleted, and of a workbook the code lists."""
    if kind not in KINDS:
        raise Problem("not_found")
    content = xlsx_template(kind) if format == "xlsx" else csv_template(kind)
    return Response(
        content,
        media_type=XLSX if format == "xlsx" else CSV,
        headers=_attachment(f"{kind}-template.{format}"),
    )


@router.get("/batches/{batch_id}/annotated", response_class=Response, responses=_FILES)
async def download_annotated(exchange: ThisExchange, principal: CallingAgency, batch_id: str) -> Response:
    """The sheet of a complete batch with the verdict and the faults of each record in its row: CSV of CSV, a workbook
    of a workbook. Corrected, it can be pushed as it is."""
    batch = await run_in_threadpool(_own, exchange, batch_id, principal.agency)
    with ExitStack() as stack:
        workplace = stack.enter_context(sheets.workplace(exchange.settings))
        made = await sheets.annotate(exchange, batch, workplace)
        kept = stack.pop_all()
    return StreamingResponse(
        _chunks(workplace.copy, kept),
        media_type=CSV if made == "csv" else XLSX,
        headers=_attachment(f"batch-{batch_id}-annotated.{made}"),
    )


def _own(exchange: Exchange, batch_id: str, agency: str) -> Batch:
    with exchange.database.read() as session:
        batch = batches.find(session, batch_id, agency)
        if batch is None or batch.source is None:
            raise Problem("not_found")
        if batch.status != "completed":
            raise Problem("batch_incomplete", headers={"Retry-After": "1"})
        session.expunge(batch)
        return batch


def _chunks(file: IO[bytes], kept: ExitStack) -> Iterator[bytes]:
    with kept:
        while chunk := file.read(_CHUNK):
            yield chunk


def _attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}

"""Products: search, file, records."""

from datetime import date
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response

from services.credit.api.dependencies import (
    Cursor,
    Disclosing,
    PageSize,
    PullReach,
    Reading,
    State,
    StatedHeaders,
    read_code,
)
from services.credit.api.enterprises import next_link
from services.credit.api.etag import answer
from services.credit.api.product_models import ProductFile, ProductPage, ProductRecords
from services.credit.api.state import CreditState
from services.credit.domain.product import key_of
from services.credit.service import product_files
from services.credit.service.marking import with_remedies
from services.credit.service.product_files import Reader, SeenProduct
from services.credit.store import products
from services.credit.store.products import ProductHit
from services.kernel import paging
from services.kernel.access import CallingAgency
from services.kernel.clock import shanghai_day
from services.kernel.policy import Reach
from services.kernel.problems import Problem

router = APIRouter(prefix="/v1/products", tags=["products"])
ProductId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
_SCANNED: Final = 50


def _reader(state: CreditState, agency: str, reach: Reach) -> Reader:
    return Reader(agency, reach, shanghai_day(state.credit.clock()))


@router.get("", response_model=ProductPage)
def search_products(
    state: State,
    session: Reading,
    principal: CallingAgency,
    reach: PullReach,
    request: Request,
    q: Annotated[
        str | None, Query(min_length=2, max_length=100, description="Any part of name, brand or model.")
    ] = None,
    uscc: Annotated[
        str | None, Query(max_length=40, description="Only products of this enterprise; may stand alone.")
    ] = None,
    limit: PageSize = 20,
    cursor: Cursor = None,
) -> Response:
    """Products of which the caller's grants cover a record, across enterprises or of one: those whose name begins with
    `q` first. Rates and counts are of the records that the caller may see."""
    code = read_code(uscc, request.headers.get("accept-language")) if uscc is not None else None
    part = key_of(q)
    if len(part) < 2 and (q is not None or code is None):
        fault = {
            "code": "text_too_short", "field": "query:q", "message": "at least two characters besides blanks",
        }  # fmt: skip
        raise Problem("parameter_invalid", faults=[fault])
    reader, binding = (
        _reader(state, principal.agency, reach),
        f"products:{principal.agency}:{q}:{code}",
    )
    after = _after(state.cursor_key, cursor, binding)
    found: list[tuple[ProductHit, SeenProduct]] = []
    while len(found) <= limit:
        page = products.search(session, part, uscc=code, after=after, limit=_SCANNED)
        by_id = {
            each.product.id: each
            for each in product_files.seen(session, [hit.product for hit in page], reader)
        }
        found += [(hit, by_id[hit.product.id]) for hit in page if hit.product.id in by_id]
        if len(page) < _SCANNED:
            break
        after = (page[-1].rank, page[-1].length, page[-1].product.id)
    shown, following = found[:limit], None
    if len(found) > limit:
        last = shown[-1][0]
        following = paging.encode(
            state.cursor_key, [last.rank, last.length, last.product.id], binding=binding
        )
    held = [each for _, each in shown]
    state.quota.spend(principal.client_id, {each.product.uscc for each in held})
    names, book = product_files.producer_names(session, held), state.credit.rulebook(session)
    items = [
        product_files.summary(each, names.get(each.product.uscc, each.product.uscc), book, reader.today)
        for each in held
    ]
    headers = {"Link": next_link(request, following)} if following else None
    body = msgspec.json.encode({"items": items, "next": following})
    return Response(body, media_type="application/json", headers=headers)


def _after(key: bytes, cursor: str | None, binding: str) -> tuple[int, int, str] | None:
    if cursor is None:
        return None
    rank, length, product_id = paging.decode(key, cursor, binding=binding)
    return int(rank or 0), int(length or 0), str(product_id)


def _seen(session: Reading, product_id: str, reader: Reader) -> SeenProduct:
    """A product of which the reader sees something; any other is not there for it."""
    product = products.find(session, product_id)
    held = product_files.seen(session, [product], reader) if product else []
    if not held:
        raise Problem("not_found")
    return held[0]


@router.get("/{product_id}", response_model=ProductFile)
def read_product(
    state: State,
    session: Reading,
    principal: CallingAgency,
    reach: PullReach,
    request: Request,
    product_id: ProductId,
) -> Response:
    """The file of a product, by the records that the caller's grants cover: how its batches did, with denominators and
    bounds; batches, recalls, and what its producer declared beside what was found. It scores nobody."""
    reader = _reader(state, principal.agency, reach)
    held = _seen(session, product_id, reader)
    state.quota.spend(principal.client_id, (held.product.uscc,))
    file = product_files.whole(session, held, reader, state.credit.rulebook(session))
    return answer(request.headers.get("if-none-match"), msgspec.json.encode(file))


@router.get("/{product_id}/records", response_model=ProductRecords, dependencies=[StatedHeaders])
def list_product_records(
    state: State,
    session: Reading,
    principal: CallingAgency,
    disclosure: Disclosing,
    request: Request,
    product_id: ProductId,
    kind: Annotated[str | None, Query(max_length=40, description="Only records of this kind.")] = None,
    batch: Annotated[str | None, Query(max_length=200, description="Only of this batch.")] = None,
    limit: PageSize = 20,
    cursor: Cursor = None,
) -> Response:
    """The records in force about a product that the caller's grants cover, the latest first, whoever's file they are in.
    Restricted fields are shown to whom they are granted and who states a purpose and a case; such a read is entered into
    the access log for each enterprise whose records it shows."""
    reader = _reader(state, principal.agency, disclosure.reach)
    held = _seen(session, product_id, reader)
    binding = f"product:{principal.agency}:{product_id}:{kind}:{batch}"
    before = _before(state.cursor_key, cursor, binding)
    asked = [
        record
        for record, entry in zip(held.records, held.entries, strict=True)
        if kind in (None, record.kind)
        and (batch is None or key_of(batch) == key_of(entry.batch))
        and (before is None or (record.occurred_on, record.record_id) < before)
    ]
    shown, following = asked[:limit], None
    if len(asked) > limit:
        last = shown[-1]
        following = paging.encode(
            state.cursor_key, [last.occurred_on.isoformat(), last.record_id], binding=binding
        )
    firms = sorted({record.uscc for record in shown} | {held.product.uscc})
    state.quota.spend(principal.client_id, firms)
    for code in firms:
        disclosure.note(state.credit, code, "product")
    items = [
        with_remedies(disclosure.record(record.content, record.kind, record.region), record.remedies)
        for record in shown
    ]
    body = f'{{"items":[{",".join(items)}],"next":'.encode() + msgspec.json.encode(following) + b"}"
    headers = {"Link": next_link(request, following)} if following else None
    return Response(body, media_type="application/json", headers=headers)


def _before(key: bytes, cursor: str | None, binding: str) -> tuple[date, str] | None:
    if cursor is None:
        return None
    day, record_id = paging.decode(key, cursor, binding=binding)
    return date.fromisoformat(str(day)), str(record_id)

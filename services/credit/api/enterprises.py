"""Enterprises: search, file, grade, records."""

from datetime import date
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from services.credit.api import models
from services.credit.api.dependencies import (
    Code,
    Cursor,
    Day,
    Disclosing,
    InstantParameter,
    PageSize,
    PullReach,
    Reading,
    State,
    StatedHeaders,
    spend,
)
from services.credit.api.etag import answer
from services.credit.domain.restructuring import NAMES as RELATION_NAMES
from services.credit.service import lookup, past
from services.credit.service.marking import with_remedies
from services.credit.store import aliases, cards, names, records
from services.credit.store.enterprises import read
from services.kernel import paging, regions, uscc
from services.kernel.access import CallingAgency, Scope
from services.kernel.clock import shanghai_day
from services.kernel.problems import Problem
from services.kernel.texts import choose

router = APIRouter(prefix="/v1/enterprises", tags=["enterprises"])
FILE_RECORDS = 10
_SCANNED = 200


@router.get("", response_model=models.EnterpriseHits)
def search_enterprises(
    state: State,
    session: Reading,
    principal: CallingAgency,
    request: Request,
    response: Response,
    q: Annotated[
        str,
        Query(
            min_length=2,
            max_length=100,
            description="A code, another identifier, or any part of a name of two characters or more.",
        ),
    ],
    limit: PageSize = 20,
    cursor: Cursor = None,
) -> dict[str, object]:
    """Find enterprises by code, by organisation code or registration number, or by any part of a current or former name."""
    book = state.credit.rulebook(session).id
    if uscc.is_valid(uscc.normalise(q)):
        hits, following = _by_code(session, uscc.normalise(q)), None
    elif by_alias := aliases.find(session, uscc.normalise(q)):
        hits, following = list(by_alias), None
    elif len(names.fold(q)) < 2:
        fault = {
            "code": "text_too_short",
            "field": "query:q",
            "message": "at least two characters besides blanks",
        }
        raise Problem("parameter_invalid", faults=[fault])
    else:
        binding = f"search:{principal.agency}:{q}"
        after = _after(state.cursor_key, cursor, binding)
        hits = names.search(session, q, after=after, limit=limit + 1)
        following = None
        if len(hits) > limit:
            hits = hits[:limit]
            last = hits[-1]
            following = paging.encode(state.cursor_key, [last.rank, last.length, last.uscc], binding=binding)
            response.headers["Link"] = next_link(request, following)
    letters = (
        cards.letters(session, [hit.uscc for hit in hits], book)
        if Scope.GRADES_READ in principal.scopes
        else {}
    )
    spend(state, request, principal.client_id, [hit.uscc for hit in hits])
    items = [
        {"uscc": hit.uscc, "name": hit.name, "found_as": hit.found_as, "region": hit.region,
         "region_name": regions.name_of(hit.region), "grade": letters.get(hit.uscc)}
        for hit in hits
    ]  # fmt: skip
    return {"items": items, "next": following}


def next_link(request: Request, cursor: str) -> str:
    """The header that leads to the next page of the same question (RFC 8288)."""
    following = request.url.include_query_params(cursor=cursor)
    return f'<{following.path}?{following.query}>; rel="next"'


def _by_code(session: Reading, code: str) -> list[names.Hit]:
    return [
        names.Hit(0, 0, s.uscc, s.name or s.uscc, s.name or s.uscc, s.region)
        for s in read(session, [code]).values()
    ]


def _after(key: bytes, cursor: str | None, binding: str) -> tuple[int, int, str] | None:
    if cursor is None:
        return None
    rank, length, code = paging.decode(key, cursor, binding=binding)
    return int(rank or 0), int(length or 0), str(code)


@router.get("/{uscc}", response_model=models.EnterpriseFile, dependencies=[StatedHeaders])
async def read_file(
    state: State, code: Code, disclosure: Disclosing, principal: CallingAgency, request: Request
) -> Response:
    """The file of an enterprise: names, lists, its latest records that the caller's grants cover, and its grade for
    whom `grades:read` lets see it. Restricted fields of the records are shown to whom they are granted and who states
    a purpose and a case; such a read is entered into the access log."""
    reach, today = disclosure.reach, shanghai_day(state.credit.clock())
    parts = await state.lane.file(
        code, sorted(reach.kinds), _SCANNED if _is_partial(reach) else FILE_RECORDS,
        reader=principal.agency, on=today,
    )  # fmt: skip
    if parts is None:
        raise Problem("not_found")
    grade = b"null"
    if Scope.GRADES_READ in principal.scopes:
        grade = lookup.grade_bytes(state.credit, parts.segments, today)
    published = (parts.published_grade or "null").encode() if grade != b"null" else b"null"
    visible = [
        with_remedies(disclosure.record(record.content, record.kind, record.region), record.remedies)
        for record in parts.records
        if reach.covers(record.kind, record.region)
    ][:FILE_RECORDS]
    if disclosure.restricted_groups:
        await run_in_threadpool(disclosure.note, state.credit, code, "file")
    head = {
        "uscc": code, "name": parts.name or code, "former_names": list(parts.former_names),
        "identifiers": [
            {"scheme": scheme, "value": value} for scheme, value in parts.identifiers if scheme not in RELATION_NAMES
        ],
        "relations": [
            {"relation": scheme, "uscc": value} for scheme, value in parts.identifiers if scheme in RELATION_NAMES
        ],
        "region": parts.region,
        "region_name": regions.name_of(parts.region), "registered": parts.registered, "listings": [],
    }  # fmt: skip
    body = b"".join(
        (
            msgspec.json.encode(head)[:-1],
            b',"grade":',
            grade,
            b',"published_grade":',
            published,
            b',"records":[',
            ",".join(visible).encode(),
            b"]}",
        )
    )
    return answer(request.headers.get("if-none-match"), body)


def _is_partial(reach: PullReach) -> bool:
    return any(not root.endswith("0000") for kind in reach.kinds for root in reach.roots(kind))


@router.get("/{uscc}/grade", response_model=models.Grade, dependencies=[StatedHeaders])
def read_grade(
    state: State,
    session: Reading,
    code: Code,
    disclosure: Disclosing,
    request: Request,
    explain: bool = False,
    as_of: Annotated[
        Day | None,
        Query(description="The day about which is asked; without it, today or the day of `known_at`."),
    ] = None,
    known_at: Annotated[
        InstantParameter | None,
        Query(description="The instant by whose knowledge is answered (RFC 3339); without it, now."),
    ] = None,
) -> Response:
    """The grade of an enterprise now; with `explain=true`, every record's part in it; with `as_of` or `known_at`, as it
    was on a day, by what was known at an instant. Explained, the past names repaired records that are shared no longer only
    to whom states the purpose of an audit; such a read is entered into the access log."""
    seen = disclosure.reach if explain else None
    if as_of is None and known_at is None:
        body = lookup.graded(state.credit, session, code, shanghai_day(state.credit.clock()), seen)
    else:
        try:
            unshared = disclosure.unshared(state.credit, session, code) if explain else frozenset()
            moment = past.Moment(as_of, known_at)
            body = past.graded_then(state.credit, session, code, moment, seen, unshared)
        except past.MomentRefused as refused:
            raise _refusal(refused, request.headers.get("accept-language")) from refused
    if body is None:
        raise Problem("not_found")
    return answer(request.headers.get("if-none-match"), body)


def _refusal(refused: past.MomentRefused, accept_language: str | None) -> Problem:
    """404 where nothing was known yet, as an empty database would answer; 422 where the question makes no sense."""
    message = past.REFUSALS[refused.code].to(choose(accept_language))
    fault = {"code": refused.code, "field": f"query:{refused.parameter}", "message": message}
    return Problem(
        "not_found" if refused.code == "known_at_before_file" else "parameter_invalid", faults=[fault]
    )


@router.get("/{uscc}/records", response_model=models.RecordPage, dependencies=[StatedHeaders])
def list_records(
    state: State,
    session: Reading,
    code: Code,
    disclosure: Disclosing,
    principal: CallingAgency,
    request: Request,
    kind: Annotated[str | None, Query(description="Only records of this kind.")] = None,
    limit: PageSize = 20,
    cursor: Cursor = None,
) -> Response:
    """The records of an enterprise in force that the caller's grants cover, the latest first. Restricted fields are
    shown to whom they are granted and who states a purpose and a case; such a read is entered into the access log."""
    reach = disclosure.reach
    if not lookup.exists(session, code):
        raise Problem("not_found")
    binding = f"records:{principal.agency}:{code}:{kind}"
    before = _before(state.cursor_key, cursor, binding)
    today = shanghai_day(state.credit.clock())
    readers = [principal.agency, *state.policy().succeeded(principal.agency, today)]
    found: list[tuple[str, date, str]] = []
    while len(found) <= limit:
        page = records.page_of(
            session, code, kind=kind, before=before, limit=_SCANNED, readers=readers, on=today
        )
        found += [
            (
                with_remedies(disclosure.record(row.content, row.kind, row.region), row.remedies),
                row.occurred_on,
                row.record_id,
            )
            for row in page
            if reach.covers(row.kind, row.region)
        ]
        if len(page) < _SCANNED:
            break
        before = (page[-1].occurred_on, page[-1].record_id)
    shown, following = found[:limit], None
    if len(found) > limit:
        following = paging.encode(state.cursor_key, [shown[-1][1].isoformat(), shown[-1][2]], binding=binding)
    disclosure.note(state.credit, code, "records")
    body = (
        f'{{"items":[{",".join(content for content, _, _ in shown)}],"next":'.encode()
        + msgspec.json.encode(following)
        + b"}"
    )
    headers = {"Link": next_link(request, following)} if following else None
    return Response(body, media_type="application/json", headers=headers)


def _before(key: bytes, cursor: str | None, binding: str) -> tuple[date, str] | None:
    if cursor is None:
        return None
    day, record_id = paging.decode(key, cursor, binding=binding)
    return date.fromisoformat(str(day)), str(record_id)

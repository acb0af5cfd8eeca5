"""Acts: pairs of records that may tell of one act, and what people decide about them."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.credit.api.dependencies import Cursor, PageSize, Reading, State
from services.credit.api.enterprises import next_link
from services.credit.api.remedy_requests import (
    Closed,
    IdempotencyKey,
    IfMatch,
    Line,
    RecordId,
    RemedyCaller,
    Words,
    created,
    key_of,
    knows,
    stepped,
)
from services.credit.domain.act import Relation
from services.credit.domain.likeness import Likeness
from services.credit.service import act_links as service
from services.credit.service.remedies import Answer
from services.credit.service.routing import Caller
from services.credit.store import act_links, records
from services.credit.store.records import Statement
from services.kernel import paging
from services.kernel.clock import to_wire
from services.kernel.db import ReadSession
from services.kernel.problems import Problem

ROUTE: Final = "/v1/act-links"
_SCANNED: Final = 200
router = APIRouter(tags=["acts"])


class ActLinkFiling(Closed):
    """What an officer found two records of one file to be. `leading_record_id` says which document counts, where both are
    about one offence."""

    record_ids: Annotated[list[RecordId], Field(min_length=2, max_length=2)]
    relation: Relation
    leading_record_id: RecordId | None = None
    officer: Line
    reason: Words


class Undoing(Closed):
    """Who undoes a decision, and why."""

    officer: Line
    reason: Words


class UndoingShown(BaseModel):
    """Who undid a decision, when and why."""

    agency: str
    officer: str
    reason: str
    at: str


class ActLink(BaseModel):
    """A decision about two records (行为关联)."""

    id: str
    uscc: str
    record_ids: list[str]
    relation: Relation
    leading_record_id: str | None
    state: Literal["in_effect", "undone"]
    agency: str
    officer: str
    reason: str
    decided_at: str
    undone: UndoingShown | None
    version: int = Field(description="Also its `ETag`, for `If-Match`.")


class ActLinkPage(BaseModel):
    """A page of decisions, the latest first."""

    items: list[ActLink]
    next: str | None


class ActCandidate(BaseModel):
    """Two records that may tell of one act, with what makes them look alike."""

    uscc: str
    record_ids: list[str]
    providers: list[str]
    kind: str
    grounds: list[Likeness]
    found_at: str


class ActCandidatePage(BaseModel):
    """A page of pairs that wait for a decision."""

    items: list[ActCandidate]
    next: str | None


@router.get("/v1/act-candidates", response_model=ActCandidatePage)
def list_act_candidates(
    state: State,
    session: Reading,
    caller: RemedyCaller,
    request: Request,
    uscc: Annotated[str | None, Query(max_length=18, description="Only of this enterprise.")] = None,
    limit: PageSize = 20,
    cursor: Cursor = None,
) -> Response:
    """Pairs of records that may tell of one act and wait for a decision of the caller."""
    binding = f"act-candidates:{caller.agency}:{uscc}"
    after: tuple[str, str, str] | None = None
    if cursor is not None:
        code, first, second = paging.decode(state.cursor_key, cursor, binding=binding)
        after = (str(code), str(first), str(second))
    found: list[tuple[list[Any], dict[str, Any]]] = []
    while len(found) <= limit:
        page = act_links.candidates_page(session, uscc=uscc, after=after, limit=_SCANNED)
        for row in page:
            pair = _visible(session, caller, row.first, row.second)
            if pair is not None and service.may_decide(caller, pair):
                shown = {
                    "uscc": row.uscc, "record_ids": [row.first, row.second],
                    "providers": [record.provider for record in pair], "kind": row.kind,
                    "grounds": row.grounds.split(), "found_at": to_wire(row.found_at),
                }  # fmt: skip
                found.append(([row.uscc, row.first, row.second], shown))
        if len(page) < _SCANNED:
            break
        after = (page[-1].uscc, page[-1].first, page[-1].second)
    return _page(state.cursor_key, request, found, limit, binding)


@router.post(ROUTE, response_model=ActLink, status_code=201)
def link_acts(
    state: State, caller: RemedyCaller, request: Request, body: ActLinkFiling, _: IdempotencyKey = None
) -> Response:
    """Link two records of one file, or keep them apart. Linked ones count once, in the grade at once."""
    first, second = body.record_ids
    decision = service.Decision(
        first, second, body.relation, body.leading_record_id, body.officer, body.reason
    )
    return created(service.decide(state.credit, caller, decision, key_of(request, ROUTE, body)), ROUTE)


@router.get(ROUTE, response_model=ActLinkPage)
def list_act_links(
    state: State,
    session: Reading,
    caller: RemedyCaller,
    request: Request,
    uscc: Annotated[str | None, Query(max_length=18, description="Only of this enterprise.")] = None,
    limit: PageSize = 20,
    cursor: Cursor = None,
) -> Response:
    """Decisions about records that the caller may see, undone ones included, the latest first."""
    binding = f"act-links:{caller.agency}:{uscc}"
    before: tuple[datetime, str] | None = None
    if cursor is not None:
        instant, link_id = paging.decode(state.cursor_key, cursor, binding=binding)
        before = (datetime.fromisoformat(str(instant)), str(link_id))
    found: list[tuple[list[Any], dict[str, Any]]] = []
    while len(found) <= limit:
        page = act_links.page_of(session, uscc=uscc, before=before, limit=_SCANNED)
        found += [
            ([row.decided_at.isoformat(), row.id], service.shown(row))
            for row in page
            if _visible(session, caller, row.first, row.second) is not None
        ]
        if len(page) < _SCANNED:
            break
        before = (page[-1].decided_at, page[-1].id)
    return _page(state.cursor_key, request, found, limit, binding)


@router.get(ROUTE + "/{link_id}", response_model=ActLink)
def read_act_link(session: Reading, caller: RemedyCaller, link_id: str) -> Response:
    """One decision."""
    row = act_links.find(session, link_id)
    if row is None or _visible(session, caller, row.first, row.second) is None:
        raise Problem("not_found")
    return stepped(Answer(msgspec.json.encode(service.shown(row)), row.id, row.version))


@router.post(ROUTE + "/{link_id}/undoing", response_model=ActLink)
def undo_act_link(
    state: State, caller: RemedyCaller, request: Request, link_id: str, body: Undoing, _: IfMatch = None
) -> Response:
    """Undo a decision; the records count as they did without it, and may wait for another one."""
    return stepped(service.undo(state.credit, caller, link_id, body.officer, body.reason, knows(request)))


def _visible(
    session: ReadSession, caller: Caller, first: str, second: str
) -> tuple[Statement, Statement] | None:
    one, other = records.find_statement(session, first), records.find_statement(session, second)
    if one is None or other is None or not (service.may_see(caller, one) and service.may_see(caller, other)):
        return None
    return one, other


def _page(
    key: bytes, request: Request, found: list[tuple[list[Any], dict[str, Any]]], limit: int, binding: str
) -> Response:
    shown, following = found[:limit], None
    if len(found) > limit:
        following = paging.encode(key, shown[-1][0], binding=binding)
    headers = {"Link": next_link(request, following)} if following else None
    body = msgspec.json.encode({"items": [item for _, item in shown], "next": following})
    return Response(body, media_type="application/json", headers=headers)

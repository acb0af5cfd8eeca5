"""Restructurings: mergers, splits, successions and branches as officers enter them, with document and day."""

from datetime import date, datetime
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.credit.api.dependencies import Cursor, InstantParameter, PageSize, Reading, State, read_code
from services.credit.api.enterprises import next_link
from services.credit.api.remedy_requests import (
    Closed,
    IdempotencyKey,
    IfMatch,
    Line,
    Reason,
    Words,
    key_of,
    knows,
    tag_of,
)
from services.credit.domain.restructuring import MOST_FIRMS, RestructuringType
from services.credit.service.remedies import sound_day
from services.credit.service.restructuring import Act, Entered, Officer, officer_of, restructure, shown, undo
from services.credit.store import restructurings
from services.credit.store.restructurings import Sides
from services.kernel import paging
from services.kernel.access import AgencyOrStaff, CallingStaff
from services.kernel.problems import Problem

ROUTE: Final = "/v1/restructurings"
router = APIRouter(prefix=ROUTE, tags=["enterprises"])
_MEDIA_TYPE: Final = "application/json"
_EARLIEST: Final = date(1979, 1, 1)
Codes = Annotated[list[Annotated[str, Field(max_length=40)]], Field(min_length=1, max_length=MOST_FIRMS)]


def _officer(state: State, principal: CallingStaff) -> Officer:
    return officer_of(state.credit, principal.username, principal.agency, state.policy())


CallingOfficer = Annotated[Officer, Depends(_officer)]


class RestructuringBody(Closed):
    """An act of the register. `from` are the firms that merge, are split, are succeeded, or are branches; `to` is what
    they go into, what succeeds them, or the head office."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    type: RestructuringType
    from_: Annotated[Codes, Field(alias="from")]
    to: Codes
    continues: Annotated[
        bool, Field(description="Of a split: the firm goes on beside what was split off (派生分立).")
    ] = False
    on: Annotated[date, Field(description="The day from which the act holds.")]
    document_number: Line
    note: Words | None = None


class Restructuring(BaseModel):
    """An act with its firms (主体变更). It moves no record and no grade."""

    model_config = ConfigDict(populate_by_name=True)
    id: str
    type: RestructuringType
    from_: list[str] = Field(alias="from")
    to: list[str]
    continues: bool
    on: str
    document_number: str
    note: str | None
    agency: str
    recorded_at: str
    undone_at: str | None
    undo_reason: str | None
    version: int = Field(description="Also its `ETag`, for `If-Match`.")


class RestructuringPage(BaseModel):
    """A page of acts in force, the one entered last first."""

    items: list[Restructuring]
    next: str | None


@router.post("", response_model=Restructuring, status_code=201)
def enter_restructuring(
    state: State, officer: CallingOfficer, request: Request, body: RestructuringBody, _: IdempotencyKey = None
) -> Response:
    """Enter an act. The firms of `from` lie in the officer's territory and register. Codes of firms that cease point to
    their successors; their records, grades and lists stay their own."""
    language = request.headers.get("accept-language")
    sides = Sides(*(tuple(read_code(code, language) for code in side) for side in (body.from_, body.to)))
    on = sound_day(body.on, _EARLIEST, officer.today, "/on")
    act = Act(body.type, sides, body.continues, on, body.document_number, body.note)
    entered = restructure(state.credit, officer, act, key_of(request, ROUTE, body))
    return _answered(entered, 201)


@router.get("", response_model=RestructuringPage)
def list_restructurings(
    state: State,
    session: Reading,
    caller: AgencyOrStaff,
    request: Request,
    uscc: Annotated[str | None, Query(max_length=40, description="Only acts that name this firm.")] = None,
    type_: Annotated[RestructuringType | None, Query(alias="type", description="Only this type.")] = None,
    known_at: Annotated[
        InstantParameter | None, Query(description="What was in force by what was known then.")
    ] = None,
    limit: PageSize = 20,
    cursor: Cursor = None,
) -> Response:
    """Acts in force, now or as was known at an instant."""
    code = read_code(uscc, request.headers.get("accept-language")) if uscc else None
    binding = f"restructurings:{caller.agency}:{code}:{type_}:{known_at}"
    found = restructurings.page_of(
        session, uscc=code, type_=type_, known_at=known_at, before=_before(state.cursor_key, cursor, binding),
        limit=limit + 1,
    )  # fmt: skip
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        following = paging.encode(state.cursor_key, [last.recorded_at.isoformat(), last.id], binding=binding)
    body = msgspec.json.encode({"items": [shown(session, row) for row in found[:limit]], "next": following})
    headers = {"Link": next_link(request, following)} if following else None
    return Response(body, media_type=_MEDIA_TYPE, headers=headers)


@router.get("/{restructuring_id}", response_model=Restructuring)
def read_restructuring(session: Reading, restructuring_id: str) -> Response:
    """One act, undone ones included."""
    row = restructurings.find(session, restructuring_id)
    if row is None:
        raise Problem("not_found")
    body = msgspec.json.encode(shown(session, row))
    return Response(body, media_type=_MEDIA_TYPE, headers={"ETag": tag_of(row.version)})


@router.post("/{restructuring_id}/undo", response_model=Restructuring)
def undo_restructuring(
    state: State,
    officer: CallingOfficer,
    request: Request,
    restructuring_id: str,
    body: Reason,
    _: IfMatch = None,
) -> Response:
    """Undo an act that was entered wrongly; what was known in between stays known."""
    return _answered(undo(state.credit, officer, restructuring_id, body.reason, knows(request)), 200)


def _answered(entered: Entered, status: int) -> Response:
    headers = {"ETag": tag_of(entered.version)}
    if status == 201:
        headers["Location"] = f"{ROUTE}/{entered.act_id}"
    return Response(entered.body, status_code=status, media_type=_MEDIA_TYPE, headers=headers)


def _before(key: bytes, cursor: str | None, binding: str) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    instant, act_id = paging.decode(key, cursor, binding=binding)
    return datetime.fromisoformat(str(instant)), str(act_id)

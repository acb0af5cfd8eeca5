"""Data queries: a consumer of a record asks its provider, who answers and corrects."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.credit.api.dependencies import Cursor, PageSize, Reading, State
from services.credit.api.remedy_models import RemedyShown
from services.credit.api.remedy_requests import (
    Closed,
    DecidedOn,
    Evidences,
    IdempotencyKey,
    IfMatch,
    Line,
    ListRole,
    Reason,
    RecordId,
    RemedyCaller,
    Selection,
    Words,
    created,
    key_of,
    knows,
    list_cases,
    read_case,
    stepped,
)  # fmt: skip
from services.credit.domain.data_query import DATA_QUERY, FIRST_TERM, DataQueryState, refusal
from services.credit.domain.remedy import Refused
from services.credit.service.remedies import Act, take_step
from services.credit.service.remedy_filing import Filing, Found, Opening, file_case

ROUTE: Final = "/v1/data-queries"
router = APIRouter(prefix=ROUTE, tags=["data queries"])


class DataQueryFiling(Closed):
    """A doubt about a record, and where in it. A query marks nothing."""

    record_id: RecordId
    statement: Words
    field: Annotated[
        Line | None,
        Field(
            pattern="^(/[^/]+)+$", description="The member in doubt as a JSON pointer, /details/fine_amount."
        ),
    ] = None
    evidence: Evidences = Field(default_factory=list)


class DataQueryAnswer(Closed):
    """The provider's answer. Found wrong, the provider corrects or withdraws the record by a push and confirms that."""

    outcome: Literal["confirmed", "found_wrong"]
    reason: Words
    decided_on: DecidedOn = None


class DataQuery(RemedyShown):
    """A data query (疑义校核)."""

    state: DataQueryState
    field: str | None
    fields: list[str] | None = Field(
        default=None,
        description="All members in which two statements of one act differ; of the platform's queries.",
    )
    compared_with: str | None = Field(
        default=None, description="The record of the other statement; of the platform's queries."
    )


class DataQueryPage(BaseModel):
    """A page of data queries, the latest first."""

    items: list[DataQuery]
    next: str | None


@router.post("", response_model=DataQuery, status_code=201)
def ask_about_record(
    state: State, caller: RemedyCaller, request: Request, body: DataQueryFiling, _: IdempotencyKey = None
) -> Response:
    """Ask the provider of a record that the caller may read whether it is right."""
    details = body.model_dump(mode="json", exclude={"record_id"})
    filing = Filing(DATA_QUERY, body.record_id, None, details, _plan)
    return created(file_case(state.credit, caller, filing, key_of(request, ROUTE, body)), ROUTE)


def _plan(found: Found) -> Opening | Refused:
    return refusal(is_own_record=found.is_own) or Opening(DATA_QUERY.first, "asked", FIRST_TERM, found.today)


@router.get("", response_model=DataQueryPage)
def list_data_queries(
    state: State,
    session: Reading,
    caller: RemedyCaller,
    request: Request,
    role: Annotated[
        ListRole | None, Query(description="Only those asked, to answer, or had as overdue.")
    ] = None,
    uscc: Annotated[str | None, Query(max_length=18, description="Only about this enterprise.")] = None,
    record_id: Annotated[str | None, Query(max_length=32, description="Only about this record.")] = None,
    case_state: Annotated[
        DataQueryState | None, Query(alias="state", description="Only in this state.")
    ] = None,
    overdue: Annotated[bool | None, Query(description="Only overdue ones, or only others.")] = None,
    limit: PageSize = 20,
    cursor: Cursor = None,
) -> Response:
    """Data queries, the latest first: the caller's own, or with `uscc` or `record_id` all that it may see."""
    selection = Selection(role, uscc, record_id, case_state, overdue)
    return list_cases(state, session, caller, DATA_QUERY, selection, request, limit=limit, cursor=cursor)


@router.get("/{query_id}", response_model=DataQuery)
def read_data_query(state: State, session: Reading, caller: RemedyCaller, query_id: str) -> Response:
    """One data query with its steps."""
    return read_case(state, session, caller, DATA_QUERY, query_id)


def _step(state: State, caller: RemedyCaller, request: Request, query_id: str, act: Act) -> Response:
    return stepped(take_step(state.credit, caller, DATA_QUERY, query_id, act, knows(request)))


@router.post("/{query_id}/extension", response_model=DataQuery)
def extend_data_query(
    state: State, caller: RemedyCaller, request: Request, query_id: str, body: Reason, _: IfMatch = None
) -> Response:
    """Extend the period for the answer, once, before it has ended."""
    return _step(state, caller, request, query_id, Act("extend", body.model_dump()))


@router.post("/{query_id}/answer", response_model=DataQuery)
def answer_data_query(
    state: State,
    caller: RemedyCaller,
    request: Request,
    query_id: str,
    body: DataQueryAnswer,
    _: IfMatch = None,
) -> Response:
    """Answer: the record is right, or found wrong and to be corrected."""
    details: dict[str, Any] = body.model_dump(mode="json", exclude={"decided_on"})
    action = "confirm" if body.outcome == "confirmed" else "find_wrong"
    return _step(state, caller, request, query_id, Act(action, details, body.decided_on))


@router.post("/{query_id}/correction", response_model=DataQuery)
def confirm_data_correction(
    state: State, caller: RemedyCaller, request: Request, query_id: str, body: Reason, _: IfMatch = None
) -> Response:
    """Confirm that the record was corrected or withdrawn by a push since it was asked about: the query is closed."""
    return _step(state, caller, request, query_id, Act("correct", body.model_dump()))


@router.post("/{query_id}/retraction", response_model=DataQuery)
def retract_data_query(
    state: State, caller: RemedyCaller, request: Request, query_id: str, body: Reason, _: IfMatch = None
) -> Response:
    """Take the question back before it is answered."""
    return _step(state, caller, request, query_id, Act("retract", body.model_dump()))

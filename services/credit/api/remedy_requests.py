"""What the routes of objections, credit repairs and data queries share: caller, key, tag, texts, lists and answers."""

import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Final, Literal

import msgspec
from fastapi import Depends, Header, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.credit.api.dependencies import State, pull_reach
from services.credit.api.enterprises import next_link
from services.credit.api.state import CreditState
from services.credit.domain.remedy import Course
from services.credit.service import remedies, remedy_view
from services.credit.service.remedies import Answer
from services.credit.service.routing import Caller
from services.credit.store import remedies as store
from services.credit.tables import RemedyCase
from services.kernel import idempotency, paging
from services.kernel.access import CallingAgency
from services.kernel.clock import shanghai_day
from services.kernel.db import ReadSession
from services.kernel.problems import Problem

ListRole = Literal["filed", "handling", "escalated"]
_SCANNED: Final = 200
_MEDIA_TYPE: Final = "application/json"


def _caller(state: State, principal: CallingAgency) -> Caller:
    policy = state.policy()
    return Caller(
        agency=principal.agency,
        reach=pull_reach(state, principal),
        agencies=policy.agency,
        coordinator=state.credit.settings.coordinator,
        today=shanghai_day(state.credit.clock()),
        succession=policy.succession,
    )


RemedyCaller = Annotated[Caller, Depends(_caller)]
IdempotencyKey = Annotated[
    str | None,
    Header(alias=idempotency.HEADER, description="1 to 200 visible characters; keep it when you retry."),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match", description="The `ETag` of the case as you know it; a later one is not overwritten."
    ),
]


def _sound(text: str) -> str:
    if any(unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t" for character in text):
        raise ValueError("it holds a control character")
    if not text.strip():
        raise ValueError("it is empty")
    return text


Words = Annotated[str, Field(max_length=4000), AfterValidator(_sound)]
Line = Annotated[str, Field(max_length=200), AfterValidator(_sound)]
RecordId = Annotated[str, Field(pattern="^[0-9a-f]{32}$", description="The record in question.")]
ReceivedOn = Annotated[
    date | None,
    Field(description="The day on which the firm handed it in, at most 30 days ago; today if left out."),
]
DecidedOn = Annotated[
    date | None, Field(description="The day of the decision's document; today if left out.")
]


class Closed(BaseModel):
    """A body whose members are all known."""

    model_config = ConfigDict(extra="forbid")


class Evidence(Closed):
    """A piece of evidence by name, and by its digest where it is a file."""

    name: Line
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None


Evidences = Annotated[list[Evidence], Field(max_length=20)]


class Reason(Closed):
    """Why a step is taken."""

    reason: Words


def key_of(request: Request, route: str, body: BaseModel) -> idempotency.Key:
    """The idempotency key of a request that creates."""
    value = idempotency.read_key(request.headers.getlist(idempotency.HEADER))
    return idempotency.Key(route, value, idempotency.fingerprint_of(body.model_dump_json().encode()))


def tag_of(version: int) -> str:
    """The entity tag of a case: its version, which every step moves."""
    return f'"{version}"'


def knows(request: Request) -> Callable[[int], bool]:
    """Whether the caller's `If-Match` names a version (RFC 9110, 13.1.1: compared strongly).

    Raises:
        Problem: `precondition_required` without the header.
    """
    given = request.headers.getlist("if-match")
    if not given:
        raise Problem("precondition_required")
    tags = [tag.strip() for header in given for tag in header.split(",")]
    return lambda version: tags == ["*"] or tag_of(version) in tags


def created(answer: Answer, route: str) -> Response:
    """201 with the place and the tag of what was made."""
    headers = {"Location": f"{route}/{answer.case_id}", "ETag": tag_of(answer.version)}
    return Response(answer.body, status_code=201, media_type=_MEDIA_TYPE, headers=headers)


def stepped(answer: Answer) -> Response:
    """200 with the case as the step left it."""
    return Response(answer.body, media_type=_MEDIA_TYPE, headers={"ETag": tag_of(answer.version)})


def read_case(
    state: CreditState, session: ReadSession, caller: Caller, course: Course, case_id: str
) -> Response:
    """One case with its steps; 404 for one that the caller may not see."""
    case = store.find(session, course.type, case_id)
    if case is None or not remedies.may_see(state.credit, case, caller):
        raise Problem("not_found")
    return stepped(remedies.answer(state.credit, session, course, case, caller))


class Selection(msgspec.Struct, frozen=True):
    """Which cases a list is asked for."""

    role: ListRole | None = None
    uscc: str | None = None
    record_id: str | None = None
    case_state: str | None = None
    overdue: bool | None = None


def list_cases(
    state: CreditState,
    session: ReadSession,
    caller: Caller,
    course: Course,
    selection: Selection,
    request: Request,
    *,
    limit: int,
    cursor: str | None,
) -> Response:
    """Cases of a course that the caller may see, the latest first. Without an enterprise, a record or a role: those
    that the caller filed or decides."""
    binding = f"{course.type}:{caller.agency}:{msgspec.json.encode(selection).decode()}"
    before = _before(state.cursor_key, cursor, binding)
    filers, providers = _parties(caller, selection)
    found: list[RemedyCase] = []
    while len(found) <= limit:
        page = store.page_of(
            session, course.type, uscc=selection.uscc, record_id=selection.record_id, state=selection.case_state,
            filers=filers, providers=providers, before=before, limit=_SCANNED,
        )  # fmt: skip
        for case in page:
            late = remedy_view.is_overdue(state.credit, case, caller)
            is_asked = selection.overdue in (None, late) and _has_role(caller, selection, case, late)
            if is_asked and remedies.may_see(state.credit, case, caller):
                found.append(case)
        if len(page) < _SCANNED:
            break
        before = (page[-1].filed_at, page[-1].id)
    shown, following = found[:limit], None
    if len(found) > limit:
        last = shown[-1]
        following = paging.encode(state.cursor_key, [last.filed_at.isoformat(), last.id], binding=binding)
    items = [remedy_view.show(state.credit, course, case, caller) for case in shown]
    headers = {"Link": next_link(request, following)} if following else None
    body = msgspec.json.encode({"items": items, "next": following})
    return Response(body, media_type=_MEDIA_TYPE, headers=headers)


def _parties(caller: Caller, selection: Selection) -> tuple[list[str] | None, list[str] | None]:
    """The filers and the providers among whose cases the ones asked for are."""
    match selection.role:
        case "filed":
            return caller.providers_handled(), None
        case "handling":
            return None, caller.providers_handled()
        case "escalated":
            return None, caller.providers_overseen()
    if _is_about_something(selection):
        return None, None
    return caller.providers_handled(), caller.providers_handled()


def _is_about_something(selection: Selection) -> bool:
    return selection.uscc is not None or selection.record_id is not None


def _has_role(caller: Caller, selection: Selection, case: RemedyCase, late: bool) -> bool:
    """Whether a case is the caller's in the role asked for: what an agency did is divided by kind and region."""
    handler = caller.handler_of(case.provider, case.kind, case.region)
    match selection.role:
        case "filed":
            return caller.acts_for(case.filer, case.kind, case.region)
        case "handling":
            return handler == caller.agency
        case "escalated":
            return late and caller.superior_of(handler) == caller.agency
    if _is_about_something(selection):
        return True
    return handler == caller.agency or caller.acts_for(case.filer, case.kind, case.region)


def _before(key: bytes, cursor: str | None, binding: str) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    instant, case_id = paging.decode(key, cursor, binding=binding)
    return datetime.fromisoformat(str(instant)), str(case_id)

"""What the endpoints of the credit service ask for by type."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Final

from fastapi import Depends, Header, Query, Request
from pydantic import AwareDatetime, BeforeValidator

from services.credit.api.state import CreditState
from services.credit.service.disclosure import Disclosure
from services.kernel import uscc
from services.kernel.access import AgencyPrincipal, CallingAgency
from services.kernel.clock import shanghai_day
from services.kernel.db import ReadSession
from services.kernel.faults import fault
from services.kernel.kinds import KINDS
from services.kernel.policy import Reach
from services.kernel.problems import Problem
from services.kernel.purpose import CASE_HEADER, OFFICER_HEADER, PURPOSE_HEADER, read_purpose
from services.kernel.rate_limit import SCOPE_KEY
from services.kernel.texts import choose


def _state(request: Request) -> CreditState:
    state: CreditState = request.app.state.credit
    return state


State = Annotated[CreditState, Depends(_state)]


def _reading(state: State) -> Iterator[ReadSession]:
    with state.credit.database.read() as session:
        yield session


Reading = Annotated[ReadSession, Depends(_reading, scope="function")]
PageSize = Annotated[int, Query(ge=1, le=100, description="How many items a page holds.")]
Cursor = Annotated[str | None, Query(description="The `next` of the previous page.")]


def pull_reach(state: CreditState, principal: AgencyPrincipal) -> Reach:
    """What an agency may read: the reach of its live pull grants."""
    today = shanghai_day(state.credit.clock())
    return Reach(state.policy().grants_of(principal.agency, "pull", today), KINDS)


def _reach(state: State, principal: CallingAgency) -> Reach:
    return pull_reach(state, principal)


PullReach = Annotated[Reach, Depends(_reach)]


def _written_as(pattern: str, example: str) -> BeforeValidator:
    """Refuse other spellings of a time, numbers of seconds among them, which the framework would take."""
    form = re.compile(pattern, re.ASCII)

    def check(value: object) -> object:
        if isinstance(value, str) and not form.fullmatch(value):
            raise ValueError(f"write it as {example}")
        return value

    return BeforeValidator(check)


Day = Annotated[date, _written_as(r"\d{4}-\d{2}-\d{2}", "2026-11-20")]
"""A day in a parameter."""
InstantParameter = Annotated[
    AwareDatetime,
    _written_as(
        r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})", "2026-11-20T03:04:05Z"
    ),
]
"""An instant with its zone in a parameter (RFC 3339)."""


def _disclosure(reach: PullReach, principal: CallingAgency, request: Request) -> Disclosure:
    return Disclosure(
        reach, read_purpose(request.headers), principal, request.scope.get("zhixin.request_id", "")
    )


def _headers(
    _purpose: Annotated[
        str | None,
        Header(
            alias=PURPOSE_HEADER,
            description="What the read is for; with it and a case number, restricted fields are shown.",
        ),
    ] = None,
    _case: Annotated[
        str | None,
        Header(alias=CASE_HEADER, description="The number of the case; percent-encoded UTF-8."),
    ] = None,
    _officer: Annotated[
        str | None,
        Header(
            alias=OFFICER_HEADER,
            description="Who reads, as the agency's system knows the person; kept in the access log.",
        ),
    ] = None,
) -> None:
    """Enters the headers into the document of the API; they are read from the request, repeats included."""


StatedHeaders: Final = Depends(_headers)
Disclosing = Annotated[Disclosure, Depends(_disclosure)]


def read_code(text: str, accept_language: str | None) -> str:
    """A sound code from a path.

    Raises:
        Problem: `uscc_invalid` with every fault of the code.
    """
    code = uscc.normalise(text)
    if uscc.is_valid(code):
        return code
    if found := uscc.faults(code):
        language = choose(accept_language)
        faults = [fault(wrong, "path:uscc", language, length=len(code)) for wrong in found]
        raise Problem(
            "uscc_invalid", faults=[{"code": f.code, "field": f.field, "message": f.message} for f in faults]
        )
    return code


def spend(state: CreditState, request: Request, client_id: str, codes: Iterable[str]) -> None:
    """Count the firms that a request asks about, and have its answer say what is left.

    Raises:
        Problem: `rate_limited`.
    """
    request.scope[SCOPE_KEY] = state.quota.spend(client_id, codes)


def _path_code(uscc: str, state: State, request: Request) -> str:
    code = read_code(uscc, request.headers.get("accept-language"))
    principal = getattr(request.state, "principal", None)
    if isinstance(principal, AgencyPrincipal):  # people are not counted, nor is what needs no caller
        spend(state, request, principal.client_id, (code,))
    return code


Code = Annotated[str, Depends(_path_code)]

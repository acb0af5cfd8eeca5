"""How an enterprise's grade came to be, and what lies ahead of it."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.credit.api import models
from services.credit.api.dependencies import (
    Code,
    Cursor,
    Disclosing,
    PageSize,
    PullReach,
    Reading,
    State,
    StatedHeaders,
)
from services.credit.service import history, peers
from services.kernel import paging
from services.kernel.access import CallingAgency
from services.kernel.problems import Problem

router = APIRouter(prefix="/v1/enterprises/{uscc}", tags=["enterprises"])


@router.get("/history", response_model=models.GradeHistory, dependencies=[StatedHeaders])
def read_history(
    state: State,
    session: Reading,
    code: Code,
    disclosure: Disclosing,
    principal: CallingAgency,
    request: Request,
    response: Response,
    limit: PageSize = 20,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Every change of an enterprise's letter or score, the latest first, each with its cause: records, a remedy, time or
    another rule book. Records that the caller's grants do not cover keep their points and lose their identity; so do
    repaired ones that are shared no longer, unless the purpose of an audit is stated."""
    unshared = disclosure.unshared(state.credit, session, code)
    changes = history.history(state.credit, session, code, disclosure.reach, unshared)
    if changes is None:
        raise Problem("not_found")
    # a cursor counts from the oldest change, so that changes which come meanwhile move nothing
    binding = f"history:{principal.agency}:{code}"
    older = (
        len(changes)
        if cursor is None
        else int(paging.decode(state.cursor_key, cursor, binding=binding)[0] or 0)
    )
    shown = changes[len(changes) - older :][:limit]
    left, following = older - len(shown), None
    if left > 0:
        following = paging.encode(state.cursor_key, [left], binding=binding)
        url = request.url.include_query_params(cursor=following)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return {"items": shown, "next": following}


@router.get("/outlook", response_model=models.Outlook)
def read_outlook(state: State, session: Reading, code: Code, reach: PullReach) -> dict[str, Any]:
    """What time alone will do to an enterprise's grade while its file stays as it is: each step with its day, what the
    grade is from then on, and which record begins, fades or ends."""
    told = history.outlook(state.credit, session, code, reach)
    if told is None:
        raise Problem("not_found")
    return told


@router.get("/peers", response_model=models.Standing)
def read_peers(state: State, session: Reading, code: Code) -> dict[str, Any]:
    """Where an enterprise stands among the firms of its division of industry and its prefecture, both as registered: `n`
    rated firms, itself included, and its percentile; none among fewer than `minimum`."""
    told = peers.standing(state.credit, session, code)
    if told is None:
        raise Problem("not_found")
    return told

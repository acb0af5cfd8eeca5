"""Rule books: what grades follow from, open to everyone so that anyone can recompute a grade."""

import re
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Header, Path, Request, Response

from services.credit.api import models
from services.credit.api.dependencies import Reading, State, spend
from services.credit.domain.rulebook import RuleBookError
from services.credit.service import simulations
from services.credit.service.context import Credit
from services.credit.store import rulebooks
from services.credit.store import simulations as stored_simulations
from services.kernel.access import CallingAgency
from services.kernel.clock import to_wire
from services.kernel.db import AnySession
from services.kernel.problems import Problem
from services.kernel.texts import choose

_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)
router = APIRouter(prefix="/v1/rulebooks", tags=["rulebooks"])


@router.get("", response_model=models.RuleBooks)
def list_rulebooks(state: State, session: Reading) -> dict[str, object]:
    """The released rule books with their text, so that anyone can recompute a grade."""
    return {
        "items": [_shown(state.credit, session, stored) for stored in rulebooks.every(session)],
        "next": None,
    }


@router.post("/simulations", response_model=models.Simulation, status_code=202)
def request_simulation(
    state: State,
    principal: CallingAgency,
    request: Request,
    asked: models.SimulationRequest,
    response: Response,
    idempotency_key: Annotated[
        str | None, Header(description="1 to 200 visible characters; the same again on a retry.")
    ] = None,
) -> dict[str, Any]:
    """Compare a rule book that does not grade yet with the active one over the whole population: transition matrix and
    largest movers. The answer names the resource that tells how far it is."""
    if idempotency_key is None or not _KEY.fullmatch(idempotency_key):
        raise Problem("idempotency_key_missing")
    language = choose(request.headers.get("accept-language"))
    try:
        stored = simulations.request(state.credit, principal.agency, idempotency_key, asked.text)
    except simulations.KeyReused:
        raise Problem("idempotency_key_reused") from None
    except RuleBookError as refused:
        raise Problem(
            "parameter_invalid",
            faults=[
                {
                    "code": found.code,
                    "field": f"/text:{found.line or '?'}:{found.path}",
                    "message": f"{found.why(language)} → {found.cure(language)}",
                }
                for found in refused.faults
            ],
        ) from None
    response.headers["Location"] = f"/v1/rulebooks/simulations/{stored.id}"
    response.headers["Retry-After"] = "1"
    return _told(stored)


@router.get("/simulations/{simulation_id}", response_model=models.Simulation)
def read_simulation(
    state: State,
    principal: CallingAgency,
    session: Reading,
    request: Request,
    simulation_id: Annotated[str, Path(max_length=40)],
) -> dict[str, Any]:
    """How far a simulation is, and what came out once it is completed. The firms that it names count as asked about."""
    stored = stored_simulations.find(session, simulation_id)
    if stored is None or stored.agency != principal.agency:
        raise Problem("not_found")
    told = _told(stored)
    if told["result"]:
        spend(
            state, request, principal.client_id, [mover["uscc"] for mover in told["result"]["largest_movers"]]
        )
    return told


def _told(stored: stored_simulations.StoredSimulation) -> dict[str, Any]:
    return {
        "id": stored.id,
        "state": stored.state,
        "digest": stored.digest,
        "requested_at": to_wire(stored.requested_at),
        "done": stored.done,
        "total": stored.total or None,
        "result": msgspec.json.decode(stored.result) if stored.result else None,
    }


@router.get("/{rulebook_id}", response_model=models.RuleBook)
def read_rulebook(
    state: State, session: Reading, rulebook_id: Annotated[str, Path(max_length=40)]
) -> dict[str, Any]:
    """One rule book: its dates, its text and the digest of the text that stands behind every grade made with it."""
    stored = rulebooks.find(session, rulebook_id)
    if stored is None:
        raise Problem("not_found")
    return _shown(state.credit, session, stored)


def _shown(credit: Credit, session: AnySession, stored: rulebooks.StoredBook) -> dict[str, Any]:
    book = credit.rulebook_named(session, stored.id)
    return {
        "id": stored.id,
        "title": {"zh": book.title.zh, "en": book.title.en},
        "digest": stored.digest,
        "valid_from": book.valid_from,
        "valid_until": book.valid_until,
        "active": stored.active,
        "activated_at": to_wire(stored.activated_at) if stored.activated_at else None,
        "text": stored.text,
    }

"""Whether the service is alive, ready, and what it counts."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from services.credit.api import models
from services.credit.api.dependencies import Reading, State
from services.credit.store import rulebooks

router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=models.Health)
def is_alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", response_model=models.Health)
def is_ready(state: State, session: Reading) -> dict[str, str]:
    """The database answers, a rule book is active, and the access policy is fresh; 503 otherwise."""
    state.policy()
    rulebooks.active_id(session)
    return {"status": "ok"}


@router.get("/metrics", include_in_schema=False)
def show_metrics() -> Response:
    """Counters for Prometheus; the proxy keeps outsiders away."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

"""Whether the service lives, whether it can serve, and its measurements."""

from typing import Final

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from services.exchange.api.sessions import ThisExchange
from services.kernel.migrate import is_current
from services.kernel.problems import Problem

router: Final = APIRouter(tags=["health"])


class Health(BaseModel):
    """The service's answer for those who watch it."""

    status: str = "ok"


@router.get("/healthz")
def lives() -> Health:
    """The process answers."""
    return Health()


@router.get("/readyz")
def is_ready(exchange: ThisExchange) -> Health:
    """The database answers, has the newest schema, and the policy can be read."""
    try:
        current = is_current(exchange.database, "exchange")
    except SQLAlchemyError:
        current = False
    if not current:
        raise Problem("service_unavailable", headers={"Retry-After": "2"})
    exchange.policy()
    return Health()


@router.get("/metrics", include_in_schema=False)
def measurements() -> Response:
    """Measurements for Prometheus; the proxy refuses this path from outside."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

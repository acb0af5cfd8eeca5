"""Every route of the exchange."""

from functools import cache
from typing import Final

from fastapi import APIRouter
from starlette.routing import BaseRoute

from services.exchange.api import (
    access_log,
    access_requests,
    agencies,
    audit,
    batches,
    catalogue,
    changes,
    credentials,
    enrolments,
    health,
    internal,
    oauth,
    packages,
    sheets,
    staff,
    staff_sessions,
    supply_quality,
    well_known,
)
from services.kernel.routing import guarded

ROUTERS: Final[tuple[APIRouter, ...]] = (
    health.router,
    well_known.router,
    oauth.router,
    agencies.router,
    catalogue.router,
    supply_quality.router,
    batches.router,
    changes.router,
    staff_sessions.router,
    enrolments.router,
    staff.router,
    credentials.router,
    audit.router,
    access_log.router,
    access_requests.router,
    sheets.router,
    packages.router,
    internal.router,
)


@cache
def routes() -> list[BaseRoute]:
    """Every route of the exchange, behind the guard."""
    return guarded(ROUTERS)

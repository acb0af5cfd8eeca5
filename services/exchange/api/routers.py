"""Every router of the exchange."""

from typing import Final

from fastapi import APIRouter

from services.exchange.api import (
    agencies,
    batches,
    catalogue,
    changes,
    enrolments,
    health,
    internal,
    oauth,
    staff,
    staff_sessions,
    well_known,
)

ROUTERS: Final[tuple[APIRouter, ...]] = (
    health.router,
    well_known.router,
    oauth.router,
    agencies.router,
    catalogue.router,
    batches.router,
    changes.router,
    staff_sessions.router,
    enrolments.router,
    staff.router,
    internal.router,
)

"""Every route of credit."""

from functools import cache
from typing import Final

from fastapi import APIRouter
from starlette.routing import BaseRoute

from services.credit.api import (
    acts,
    credit_repairs,
    data_queries,
    enterprises,
    grade_decisions,
    grades,
    health,
    held_items,
    history,
    internal,
    objections,
    previews,
    products,
    restructurings,
    rulebooks,
    staff_sessions,
)
from services.kernel.routing import guarded

ROUTERS: Final[tuple[APIRouter, ...]] = (
    enterprises.router,
    history.router,
    grades.router,
    grade_decisions.router,
    rulebooks.router,
    previews.router,
    restructurings.router,
    products.router,
    objections.router,
    credit_repairs.router,
    acts.router,
    data_queries.router,
    held_items.router,
    held_items.leads,
    internal.router,
    health.router,
    staff_sessions.router,
)


@cache
def routes() -> list[BaseRoute]:
    """Every route of credit, behind the guard."""
    return guarded(ROUTERS)

"""Every router of the exchange."""

from typing import Final

from fastapi import APIRouter

from services.exchange.api import agencies, catalogue, health, internal, oauth, well_known

ROUTERS: Final[tuple[APIRouter, ...]] = (
    health.router,
    well_known.router,
    oauth.router,
    agencies.router,
    catalogue.router,
    internal.router,
)

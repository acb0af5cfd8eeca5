"""What endpoints are handed: the exchange, and sessions whose transaction ends before the answer leaves."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

from fastapi import Depends, Request

from services.exchange.context import Exchange
from services.kernel.db import ReadSession, WriteSession


def calling_exchange(request: Request) -> Exchange:
    """The exchange that serves a request."""
    exchange: Exchange = request.app.state.exchange
    return exchange


ThisExchange = Annotated[Exchange, Depends(calling_exchange)]


def read_session(exchange: ThisExchange) -> Iterator[ReadSession]:
    """A session that cannot change anything."""
    with exchange.database.read() as session:
        yield session


Reading = Annotated[ReadSession, Depends(read_session, scope="function")]


def writing(name: str) -> Any:
    """A dependency that hands over the one transaction of a request, under its commit's name."""

    def write_session(exchange: ThisExchange) -> Iterator[WriteSession]:
        with exchange.database.write(name) as session:
            yield session

    opened: Callable[..., Iterator[WriteSession]] = write_session
    return Depends(opened, scope="function")

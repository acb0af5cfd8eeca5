"""Administrative requests that create: the same key with the same body creates once.

A repeat gets the stored answer, in which the secret that was shown once is null: it is kept nowhere. Who lost the first
answer revokes what was made and starts again with a new key.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel

from services.exchange.context import Exchange
from services.exchange.store.responses import find_response, keep_response
from services.kernel.access import AgencyPrincipal, StaffPrincipal
from services.kernel.db import WriteSession
from services.kernel.idempotency import read_key
from services.kernel.problems import Problem

Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class OnceKey:
    """The idempotency key of a request, and the route and body that it belongs to."""

    route: str
    key: str


def _read(
    request: Request,
    _: Annotated[
        str | None,
        Header(alias="Idempotency-Key", description="1 to 200 visible characters; keep it when you retry."),
    ] = None,
) -> OnceKey:
    key = read_key(request.headers.getlist("idempotency-key"))
    return OnceKey(f"{request.method} {request.url.path}"[:200], key)


Once = Annotated[OnceKey, Depends(_read)]


def answer_once(
    exchange: Exchange,
    session: WriteSession,
    caller: AgencyPrincipal | StaffPrincipal,
    once: OnceKey,
    body: BaseModel,
    of: type[Answer],
    act: Callable[[], Answer],
    *,
    secret: str | None = None,
) -> Answer:
    """What `act` answers, done once for a key; called after the caller's right was checked. `secret` names the member of
    the answer that is not kept, if there is one.

    Raises:
        Problem: `idempotency_key_reused` with another body, `idempotency_key_in_flight` beside the same request.
    """
    fingerprint = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
    held = find_response(session, caller.agency, once.route, once.key)
    if held is not None and held.fingerprint != fingerprint:
        raise Problem("idempotency_key_reused")
    if held is not None:
        return of.model_validate(held.answer)
    answer = act()
    kept = keep_response(
        session,
        agency=caller.agency,
        route=once.route,
        key=once.key,
        fingerprint=fingerprint,
        answer=answer.model_dump(mode="json") | ({secret: None} if secret else {}),
        now=exchange.clock(),
    )
    if not kept:
        raise Problem("idempotency_key_in_flight", headers={"Retry-After": "1"})
    return answer

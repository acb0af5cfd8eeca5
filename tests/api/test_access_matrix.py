"""Who may enter which route: every route of both services, with every kind of caller, by the rule of its table.

What is expected follows from the tables alone, so that a new route is covered by being entered there. Routes are called
on each service itself, `/internal` included, which the one-process mode keeps from the outside.
"""

from datetime import timedelta

import httpx
import pytest

from services.credit.api.access_table import TABLE as CREDIT_TABLE
from services.credit.app import create_app as create_credit
from services.credit.service.staff_sessions import open_session
from services.exchange.api.access_table import TABLE as EXCHANGE_TABLE
from services.exchange.app import create_app as create_exchange
from services.exchange.service.credentials import revoke_credential
from services.exchange.service.sessions import end_session
from services.exchange.service.staff import disable_staff
from services.exchange.store.policy import bump_policy, policy_version
from services.exchange.store.staff import session_by_digest
from services.kernel import access
from services.kernel.access import PUBLIC, Authentication, Role
from services.kernel.opaque_tokens import digest_of
from services.kernel.policy import scopes_of
from services.kernel.service_client import sign_service_token
from services.kernel.staff_sessions import HandedOver
from services.kernel.tokens import SigningKey
from tests.conftest import address_of
from tests.door import until
from tests.factories import TESTS, make_session, make_staff
from tests.filing import code_of, credit_settings, registration
from tests.forgery import ISSUER, bearer

pytestmark = pytest.mark.anyio
TABLES = {"exchange": EXCHANGE_TABLE, "credit": CREDIT_TABLE}
ADMITTED = "admitted"
FORM = {"grant_type": "client_credentials", "token": "a.b.c"}
OF_AN_OBJECT = ("{batch_id}", "{request_id}")
PUSHES = (access.Scope.BATCHES_WRITE, access.Scope.BATCHES_READ, access.Scope.GRADE_DECISIONS_WRITE)
PARTS = {
    "objection_id": "0" * 32,
    "repair_id": "0" * 32,
    "query_id": "0" * 32,
    "item_id": "0" * 32,
    "lead_id": "0" * 32,
    "restructuring_id": "0" * 32,
    "link_id": "0" * 32,
    "cycle_id": "0" * 32,
    "decision_id": "0" * 32,
    "uscc": code_of(1),
    "product_id": "0" * 32,
    "kind": "spot_check",
    "number": 0,
    "rulebook_id": "2026-01",
    "simulation_id": "none",
    "username": "nobody",
    "session_id": "ses_none",
    "client_id": "zxc_none",
    "enrolment": "enr_none",
}


def refused_agency(caller):
    """What an agency's route answers a caller that it does not admit."""
    return {
        "nobody": (401, "token_missing"),
        "a forged token": (401, "token_invalid"),
        "an expired token": (401, "token_expired"),
        "a revoked credential": (401, "token_invalid"),
        "a token without scopes": (403, "scope_missing"),
        "all scopes but this": (403, "scope_missing"),
        "an agency without grants": (403, "grant_missing"),
        "the peer service": (401, "token_invalid"),
        "a service token of the wrong peer": (401, "token_invalid"),
        "a service token for another service": (401, "token_invalid"),
        "a service token by a stranger's key": (401, "token_invalid"),
    }.get(caller)


STAFF = {
    "an unknown session", "a session that was ended", "a session that is over", "a session of disabled staff",
    "a session that is not fresh", *(f"staff: {role}" for role in Role),
}  # fmt: skip


def refused_staff(rule, caller):
    """What a staff route answers a caller that it does not admit."""
    if caller == "nobody":
        return (401, "session_missing")
    if caller == "a session that is not fresh":
        if Role.PLATFORM_ADMINISTRATOR not in rule.roles:
            return (403, "role_missing")
        return (403, "session_stale") if rule.is_for_fresh else None
    if caller.startswith("staff: "):
        return None if caller.removeprefix("staff: ") in rule.roles else (403, "role_missing")
    return (401, "session_invalid")


def expected(rule, path, caller):
    """The answer that the rule of a route promises a caller."""
    match rule.authentication:
        case Authentication.STAFF_SESSION:
            return refused_staff(rule, caller) or ADMITTED
        case Authentication.AGENCY_OR_STAFF if caller in STAFF:
            return refused_staff(rule, caller) or ADMITTED
        case Authentication.NONE:
            return ADMITTED
        case Authentication.CLIENT:
            return (401, "invalid_client")
        case Authentication.SERVICE_TOKEN:
            if caller == "the peer service":
                return ADMITTED
            return (401, "token_missing" if caller == "nobody" else "token_invalid")
        case Authentication.AGENCY_TOKEN | Authentication.AGENCY_OR_STAFF:
            if caller in STAFF:
                return (401, "token_invalid")
            if caller == "an agency without grants" and rule.scope in scopes_of([]):
                caller = "another agency"
            if caller == "another agency" and any(part in path for part in OF_AN_OBJECT):
                return (404, "not_found")
            return refused_agency(caller) or ADMITTED


CALLERS = [
    "nobody", "a forged token", "an expired token", "a revoked credential", "a token without scopes", "all scopes but this",
    "the right scope alone", "another agency", "an agency without grants", "the peer service", "a service token of the wrong peer",
    "a service token for another service", "a service token by a stranger's key", *sorted(STAFF),
]  # fmt: skip


async def session_of(door, service, caller):
    """The token of a session in a service, as a caller of `STAFF` holds it; the session in credit came over."""
    database, now = door.exchange.database, door.clock()
    role = caller.removeprefix("staff: ") if caller.startswith("staff: ") else Role.PLATFORM_ADMINISTRATOR
    person = make_staff(database, door.exchange.settings, door.agencies["city"], now, role)
    opened = now - timedelta(minutes=20) if caller == "a session that is not fresh" else now
    token = make_session(database, person.username, opened)
    with database.read() as session:
        row, account, _ = session_by_digest(session, digest_of(token))
    if service == "credit":
        ends = now if caller == "a session that is over" else row.expires_at
        handed = HandedOver(person.username, row.id, row.authenticated_at, ends)
        token = open_session(door.credit, handed).token
    with database.write("test") as session:
        if caller == "a session that was ended":
            end_session(session, row, account, now=now, actor=TESTS)
        elif caller == "a session of disabled staff":
            disable_staff(session, username=person.username, now=now, actor=TESTS)
        else:
            bump_policy(session)
        if caller == "a session that is over":
            session.connection().exec_driver_sql("UPDATE staff_session SET expires_at = seen_at")
    await known_to_credit(door)
    return f"{token}x" if caller == "an unknown session" else token


async def known_to_credit(door):
    """Wait until credit's policy is the newest."""
    with door.exchange.database.read() as session:
        newest = policy_version(session)
    door.clock.advance(seconds=1)
    await until(lambda: door.both.credit.state.credit.policy().version == newest)


def token_of(door, service_keys, service, rule, caller):
    """The token with which a caller comes to a route; None without one."""
    if caller in STAFF:
        return door.session
    peer = {"exchange": "credit", "credit": "exchange"}[service]
    now, own = door.clock(), rule.scope or access.Scope.BATCHES_READ
    others = " ".join(scope for scope in access.Scope if scope != rule.scope)

    def by(issuer, key, audience=service):
        return sign_service_token(
            key, issuer=issuer, audience=audience, actor=door.agencies["whole"], now=now
        )

    return {
        "nobody": lambda: None,
        "a forged token": lambda: "a.b.c",
        "an expired token": lambda: door.token("whole", exp=int(now.timestamp()) - 1),
        "a revoked credential": lambda: door.token("whole", client_id="zxc_revoked"),
        "a token without scopes": lambda: door.token("whole", scope=""),
        "all scopes but this": lambda: door.token("whole", scope=others),
        "the right scope alone": lambda: door.token("whole", scope=own),
        "another agency": lambda: door.token("pusher" if own in PUSHES else "reader", scope=own),
        "an agency without grants": lambda: door.token("nobody", scope=own),
        "the peer service": lambda: by(peer, service_keys[peer]),
        "a service token of the wrong peer": lambda: by(service, service_keys[service]),
        "a service token for another service": lambda: by(peer, service_keys[peer], peer),
        "a service token by a stranger's key": lambda: by(peer, SigningKey.generate()),
    }[caller]()


async def ask_for_access(door):
    """A request for access of one agency to another."""
    wanted = {
        "provider": door.agencies["checks"], "kind": "spot_check", "regions": ["430000"], "groups": ["public"],
        "purpose": "licensing", "basis": "测试依据", "valid_until": "2027-06-30",
    }  # fmt: skip
    headers = door.headers("whole", idempotency_key="matrix")
    return (await door.client.post("/v1/access-requests", json=wanted, headers=headers)).json()["id"]


def matches(answer, wanted):
    if wanted == ADMITTED:  # what the route then makes of an empty request is its own affair
        return answer.status_code not in {401, 403} and answer.status_code < 500
    body = answer.json()
    return (answer.status_code, body.get("code") or body.get("error")) == wanted


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("service", TABLES)
async def test_every_route_answers_every_kind_of_caller_as_its_rule_says(door, service_keys, service, caller):
    batch = (await door.push(registration(1), caller="whole")).json()["id"]
    door.session = await session_of(door, service, caller) if caller in STAFF else None
    asked = await ask_for_access(door)
    wrong = []
    transport = httpx.ASGITransport(getattr(door.both, service), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
        for (method, path), rule in TABLES[service].items():
            token = token_of(door, service_keys, service, rule, caller)
            answer = await client.request(
                method, path.format(**PARTS, batch_id=batch, request_id=asked), headers=bearer(token) if token else {},
                data=FORM if rule.authentication is Authentication.CLIENT else None,
            )  # fmt: skip
            wanted = expected(rule, path, caller)
            if not matches(answer, wanted):
                wrong.append((method, path, answer.status_code, answer.text[:100], wanted))
    assert wrong == []


async def test_nothing_internal_is_reached_from_outside_even_with_a_service_token(door, service_keys):
    for service, table in TABLES.items():
        peer = {"exchange": "credit", "credit": "exchange"}[service]
        token = sign_service_token(
            service_keys[peer], issuer=peer, audience=service, actor=None, now=door.clock()
        )
        for method, path in table:
            if path.startswith("/internal"):
                answer = await door.client.request(
                    method, path.format(batch_id="b", number=0), headers=bearer(token)
                )
                assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_service_token_lives_a_minute(door, service_keys):
    token = sign_service_token(
        service_keys["credit"], issuer="credit", audience="exchange", actor=None, now=door.clock()
    )
    transport = httpx.ASGITransport(door.both.exchange)
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
        first = await client.get("/internal/policy", headers=bearer(token))
        door.clock.advance(seconds=60)
        later = await client.get("/internal/policy", headers=bearer(token))
    assert first.status_code == 200
    assert (later.status_code, later.json()["code"]) == (401, "token_expired")


async def test_a_route_that_is_not_in_the_table_is_no_route(door):
    for path in ("/v1/nothing", "/v1/batches/", "/docs", "/openapi.json", "/admin"):
        answer = await door.client.get(path, headers=door.headers("pusher"), follow_redirects=False)
        assert answer.status_code in {404, 307}
        assert answer.status_code == 404 or answer.headers["location"].endswith("/v1/batches")


async def test_the_grade_lane_and_the_route_behind_it_admit_alike(door):
    await door.push(registration(1))
    path = f"/v1/enterprises/{code_of(1)}/grade"
    for token in (None, "a.b.c", door.token("reader", scope=""), door.token("reader")):
        headers = bearer(token) if token else {}
        lane = await door.client.get(path, headers=headers)
        route = await door.client.get(f"{path}?explain=false", headers=headers)
        assert lane.status_code == route.status_code


# --- start-up


def make_app(service, exchange_settings, credit_url, service_keys):
    if service == "exchange":
        return create_exchange(exchange_settings)
    return create_credit(credit_settings(credit_url, service_keys))


@pytest.mark.parametrize("service", TABLES)
async def test_a_service_does_not_start_when_routes_and_table_differ(
    exchange_settings, credit_database, service_keys, service
):
    app = make_app(service, exchange_settings, address_of(credit_database), service_keys)
    authenticator, table = app.state.guard.authenticator, TABLES[service]
    with pytest.raises(RuntimeError, match="/healthz"):
        access.install(
            app, {route: rule for route, rule in table.items() if route[1] != "/healthz"}, authenticator
        )
    with pytest.raises(RuntimeError, match="/v1/nowhere"):
        access.install(app, {**table, ("GET", "/v1/nowhere"): PUBLIC}, authenticator)
    app.add_api_route("/v1/forgotten", lambda: None)
    with pytest.raises(RuntimeError, match="/v1/forgotten"):
        access.install(app, table, authenticator)


async def test_a_real_revocation_reaches_both_services(door):
    headers = door.headers("pusher")
    assert (await door.client.get("/v1/batches", headers=headers)).status_code == 200
    with door.exchange.database.write("test") as session:
        revoke_credential(session, client_id=door.credentials["pusher"].client_id, now=door.clock())
    door.clock.advance(seconds=1)

    async def is_refused(path):
        return (await door.client.get(path, headers=headers)).status_code == 401

    await until(lambda: is_refused("/v1/batches"))
    await until(lambda: is_refused(f"/v1/enterprises/{code_of(1)}/grade"))

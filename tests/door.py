"""Both services in one process as their callers meet them: a client, six agencies with tokens, pushes and pulls.

| caller | may push | may pull |
|---|---|---|
| `pusher` | every kind in the province | – |
| `reader` | – | every kind in the province, and grades |
| `whole` | every kind in the province | every kind in the province, and grades |
| `checks` | spot checks | spot checks |
| `city` | registrations in 长沙 | – |
| `nobody` | – | – |
"""

import asyncio
import json
from contextlib import asynccontextmanager
from itertools import count

import httpx
import jwt

from services.exchange.service.administration import seed_departments
from services.kernel.access import Scope
from services.launch.one_process import OneProcess
from tests.factories import enter_agency, enter_credential
from tests.filing import rows
from tests.forgery import ISSUER, bearer

NDJSON = "application/x-ndjson"
PATIENCE_SECONDS = 10.0
CALLERS = {
    "pusher": ("industry_commerce", "430000", ("push *",)),
    "reader": ("development_reform", "430000", ("pull *",)),
    "whole": ("economy_information", "430000", ("push *", "pull *")),
    "checks": ("quality_supervision", "430000", ("push spot_check", "pull spot_check")),
    "city": ("industry_commerce", "430100", ("push enterprise_registration",)),
    "nobody": ("food_drug", "430000", ()),
}
_keys = count(1)


class Door:
    """A running pair of services and a client to them."""

    def __init__(self, both, client, clock, agencies, credentials):
        self.both, self.client, self.clock = both, client, clock
        self.agencies, self.credentials = agencies, credentials
        self.exchange, self.credit = both.exchange.state.exchange, both.credit.state.credit.credit

    def token(self, caller, **changes):
        """An access token as the exchange signs it for a caller, with all scopes that there are unless changed."""
        now = int(self.clock().timestamp())
        claims = {
            "iss": ISSUER, "aud": f"{ISSUER}/v1", "sub": self.agencies[caller], "jti": f"{caller}-{next(_keys)}",
            "client_id": self.credentials[caller].client_id, "iat": now, "exp": now + 300,
            "scope": " ".join(Scope),
        } | changes  # fmt: skip
        return self.exchange.keys.signing_key("access", self.clock()).sign(claims, "at+jwt")

    def headers(self, caller, **more):
        return bearer(self.token(caller)) | {name.replace("_", "-"): value for name, value in more.items()}

    async def get(self, path, caller="pusher", params=None, **headers):
        return await self.client.get(path, params=params, headers=self.headers(caller, **headers))

    async def send(
        self, body, caller="pusher", key=None, media_type="application/json", params=None, **headers
    ):
        """Push the bytes of a body as they are."""
        own = {"content_type": media_type, "idempotency_key": key or f"key-{next(_keys)}"}
        return await self.client.post(
            "/v1/batches", content=body, params=params, headers=self.headers(caller, **(own | headers))
        )

    async def push(self, *records, **how):
        return await self.send(json_body(records), **how)

    async def push_lines(self, *records, **how):
        return await self.send(ndjson_body(records), media_type=NDJSON, **how)

    async def verdicts(self, *records, **how):
        """What became of records that are pushed in one batch."""
        return (await self.push(*records, **how)).json()["items"]

    async def changes(self, caller="reader", **params):
        return await self.get("/v1/changes", caller, params)

    async def page(self, caller="reader", **params):
        answer = await self.changes(caller, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def relayed(self):
        """Wait until the journal holds every event."""
        await until(
            lambda: not rows(self.credit.database, "SELECT 1 FROM outbox_delivery WHERE seq IS NULL LIMIT 1")
        )

    async def completed(self, location):
        """Wait until a batch is complete; its last description."""
        answer = {}

        async def is_complete():
            answer.update((await self.get(location)).json())
            return answer["status"] == "completed"

        await until(is_complete)
        return answer


async def until(holds):
    """Wait until a condition holds."""
    for _ in range(int(PATIENCE_SECONDS / 0.02)):
        held = holds()
        if await held if asyncio.iscoroutine(held) else held:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come true in time")


def json_body(records):
    return json.dumps({"records": records}, ensure_ascii=False).encode()


def ndjson_body(records):
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def claims_in(receipt, keys):
    """What a receipt says, its signature checked with published keys."""
    kid = jwt.get_unverified_header(receipt)["kid"]
    key = next(jwt.PyJWK(jwk).key for jwk in keys if jwk["kid"] == kid)
    return jwt.decode(receipt, key, ["ES256"], options={"verify_aud": False, "verify_iat": False})


async def receipt_keys(door):
    return (await door.client.get("/.well-known/receipt-keys.json")).json()["keys"]


def codes_of(faults):
    return [(fault["code"], fault["field"]) for fault in faults]


def enrol(database, settings, now):
    """The callers' agencies, grants and credentials."""
    with database.write("test_callers") as session:
        seed_departments(session)
        agencies = {
            name: enter_agency(session, department, region, grants=grants)
            for name, (department, region, grants) in CALLERS.items()
        }
        credentials = {
            name: enter_credential(session, settings, held, now) for name, held in agencies.items()
        }
    return agencies, credentials


@asynccontextmanager
async def opened_door(credit_settings, exchange_settings, exchange_database, clock):
    """Both services, started, once credit knows the policy."""
    agencies, credentials = enrol(exchange_database, exchange_settings, clock())
    both = OneProcess(credit_settings, exchange_settings, clock=clock)
    transport = httpx.ASGITransport(both, raise_app_exceptions=False)
    async with both.lifespan(), httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:

        async def is_ready():
            return (await client.get("/readyz")).status_code == 200

        await until(is_ready)
        yield Door(both, client, clock, agencies, credentials)

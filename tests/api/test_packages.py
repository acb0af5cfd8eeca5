"""Packages of agencies without a line: signed, carried, taken in once, answered to whoever holds them."""

import hashlib
import io
import json

import jwt
import pytest
from jwt.api_jws import PyJWS

from services.exchange.client.package import MARK, MEDIA_TYPE, TYPE, Packing, pack
from services.kernel.tokens import SigningKey
from tests.api.test_sheets import HEADER, clerks_row
from tests.door import ndjson_body
from tests.factories import make_credential
from tests.filing import registration
from tests.forgery import ISSUER

pytestmark = pytest.mark.anyio
NDJSON = "application/x-ndjson"


@pytest.fixture
def packer(door):
    """A credential by key of the pushing agency, whose machine has no line."""
    key = SigningKey.generate()
    made = make_credential(
        door.exchange.database,
        door.exchange.settings,
        door.agencies["pusher"],
        door.clock(),
        public_key_pem=key.public_pem,
    )
    return made.client_id, key


def packed(door, packer, body, *, fmt="ndjson", kind=None, seal_for=None, path=None, **changes):
    """The package of a body."""
    client_id, key = packer
    path = path or door.exchange.settings.state_dir / "body"
    path.write_bytes(body)
    target = io.BytesIO()
    packing = Packing(
        client_id=changes.get("client_id", client_id), platform=changes.get("platform", ISSUER), key=key.private,
        now=changes.get("now", int(door.clock().timestamp())), seal_for=seal_for,
    )  # fmt: skip
    pack(path, fmt, target, packing, kind=kind, idempotency_key=changes.get("key"))
    return target.getvalue()


async def carry(door, package, caller="checks", **headers):
    return await door.client.post(
        "/v1/packages", content=package, headers=door.headers(caller, content_type=MEDIA_TYPE, **headers)
    )


async def answer_of(door, package, accept="application/json", caller="checks"):
    line = package.split(b"\n")[1]
    headers = door.headers(caller, content_type="application/jose", accept=accept)
    return await door.client.post("/v1/packages/answer", content=line, headers=headers)


async def test_a_package_is_a_push_in_the_name_of_who_packed_it(door, packer):
    body = ndjson_body([registration(1), registration(2)])
    answer = (await carry(door, packed(door, packer, body))).json()
    claims = jwt.decode(answer["receipt"], options={"verify_signature": False})
    assert answer["counts"]["accepted"] == 2
    assert (claims["sub"], claims["body_sha256"]) == (
        door.agencies["pusher"],
        hashlib.sha256(body).hexdigest(),
    )
    assert (await door.get(f"/v1/batches/{answer['id']}", caller="checks")).status_code == 404


async def test_a_package_that_comes_twice_gets_the_stored_receipt(door, packer):
    package = packed(door, packer, ndjson_body([registration(1)]))
    first, again = await carry(door, package), await carry(door, package, caller="pusher")
    assert again.content == first.content
    packed_again = packed(door, packer, ndjson_body([registration(1)]))
    assert packed_again != package
    assert (await carry(door, packed_again)).content == first.content


async def test_a_packed_sheet_is_read_by_its_kind(door, packer):
    text = "\n".join(
        ",".join(map(str, row)) for row in (HEADER, clerks_row(1), clerks_row(2, 统一社会信用代码="0"))
    )
    answer = await carry(
        door, packed(door, packer, text.encode("gb18030"), fmt="csv", kind="administrative_penalty")
    )
    assert [item["verdict"] for item in answer.json()["items"]] == ["accepted", "rejected"]
    assert answer.json()["items"][1]["faults"][0]["row"] == 3


async def test_the_answer_is_told_to_who_holds_the_package(door, packer):
    package = packed(door, packer, ndjson_body([registration(1)]))
    before = await answer_of(door, package)
    taken = (await carry(door, package)).json()
    after, verdicts = await answer_of(door, package), await answer_of(door, package, NDJSON)
    assert before.status_code == 404
    assert (after.json()["receipt"], after.json()["id"]) == (taken["receipt"], taken["id"])
    claims = jwt.decode(taken["receipt"], options={"verify_signature": False})
    assert hashlib.sha256(verdicts.content).hexdigest() == claims["verdicts_sha256"]


async def test_a_sealed_package_is_opened_by_the_platform_alone(door, packer):
    keys = (await door.client.get("/.well-known/package-keys.json")).json()["keys"]
    body = ndjson_body([registration(1)])
    package = packed(door, packer, body, seal_for=keys[0])
    assert b"uscc" not in package
    assert (await carry(door, package)).json()["counts"]["accepted"] == 1
    stranger = packed(door, packer, body, seal_for=SigningKey.generate().jwk)
    assert (await carry(door, stranger)).json()["code"] == "package_invalid"


def resigned(package, key, **changes):
    """The package with another manifest, signed by a key."""
    line, body = package.split(b"\n", 2)[1:]
    claims = json.loads(
        PyJWS().decode_complete(line.decode(), options={"verify_signature": False})["payload"]
    )
    header = {"typ": changes.pop("typ", TYPE)}
    signed = PyJWS().encode(
        json.dumps(claims | changes).encode(), key.private, algorithm="ES256", headers=header
    )
    return MARK + signed.encode() + b"\n" + body


FORGERIES = {
    "another body": lambda package, key: package + b"{}\n",
    "a cut body": lambda package, key: package[:-5],
    "a cut manifest": lambda package, key: package[:40],
    "no package": lambda package, key: b"PK\x03\x04",
    "nothing": lambda package, key: b"",
    "a changed manifest": lambda package, key: package.replace(package.split(b".")[1][:8], b"eyJhIjox", 1),
    "a stranger's key": lambda package, key: resigned(package, SigningKey.generate()),
    "another platform": lambda package, key: resigned(package, key, aud="https://elsewhere.example"),
    "an unknown credential": lambda package, key: resigned(package, key, iss="nobody"),
    "a zero byte for a credential": lambda package, key: resigned(package, key, iss="\0"),
    "another type": lambda package, key: resigned(package, key, typ="JWT"),
    "a date of last year": lambda package, key: resigned(package, key, iat=1_740_000_000),
    "a date far ahead": lambda package, key: resigned(package, key, iat=4_000_000_000),
    "a date beyond the calendar": lambda package, key: resigned(package, key, iat=10**30),
    "a manifest without a digest": lambda package, key: resigned(package, key, body_sha256=None),
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
async def test_a_package_that_does_not_hold_is_refused(door, packer, forgery):
    package = forgery(packed(door, packer, ndjson_body([registration(1)])), packer[1])
    answer = await carry(door, package)
    assert (answer.status_code, answer.json()["code"]) == (422, "package_invalid")


async def test_a_package_of_a_revoked_credential_or_of_an_agency_without_grants_is_refused(door, packer):
    from services.exchange.service.credentials import revoke_credential

    key = SigningKey.generate()
    bare = make_credential(
        door.exchange.database,
        door.exchange.settings,
        door.agencies["nobody"],
        door.clock(),
        public_key_pem=key.public_pem,
    )
    of_nobody = packed(door, (bare.client_id, key), ndjson_body([registration(1)]))
    assert (await carry(door, of_nobody)).json()["code"] == "grant_missing"
    with door.exchange.database.write("test_revoked") as session:
        revoke_credential(session, client_id=packer[0], now=door.clock())
    assert (await carry(door, packed(door, packer, ndjson_body([registration(1)])))).json()[
        "code"
    ] == "package_invalid"


async def test_a_key_used_for_another_body_is_refused(door, packer):
    await carry(door, packed(door, packer, ndjson_body([registration(1)]), key="k"))
    answer = await carry(door, packed(door, packer, ndjson_body([registration(2)]), key="k"))
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")

import base64
import json

import jwt
import pytest

from services.exchange.client.failures import InvalidReceiptError
from services.exchange.client.receipt import check_body, check_verdicts, merge_keys, verify

CLAIMS = {
    "iss": "https://issuer.example",
    "sub": "industry_commerce-430000",
    "jti": "j",
    "iat": 1780000000,
    "batch": "b1",
    "idempotency_key": "k",
    "body_sha256": "a" * 64,
    "verdicts_sha256": "b" * 64,
    "counts": {"total": 2, "accepted": 1, "unchanged": 0, "held": 0, "rejected": 1},
}


def part(value: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_receipt_that_holds(receipt_key):
    assert verify(receipt_key.sign(CLAIMS), [receipt_key.public]).sub == "industry_commerce-430000"


def test_a_changed_claim_does_not_hold(receipt_key):
    head, _, signature = receipt_key.sign(CLAIMS).split(".")
    with pytest.raises(InvalidReceiptError, match="signature"):
        verify(f"{head}.{part(CLAIMS | {'sub': 'other'})}.{signature}", [receipt_key.public])


def test_alg_none_is_refused(receipt_key):
    with pytest.raises(InvalidReceiptError, match="ES256"):
        verify(
            f"{part({'alg': 'none', 'typ': 'receipt+jws', 'kid': 'r1'})}.{part(CLAIMS)}.x",
            [receipt_key.public],
        )


def test_a_secret_made_of_the_public_key_is_refused(receipt_key):
    forged = jwt.encode(CLAIMS, "x" * 64, "HS256", headers={"typ": "receipt+jws", "kid": "r1"})
    with pytest.raises(InvalidReceiptError, match="ES256"):
        verify(forged, [receipt_key.public])


def test_an_access_token_is_no_receipt(receipt_key):
    with pytest.raises(InvalidReceiptError, match=r"at\+jwt"):
        verify(receipt_key.sign(CLAIMS, typ="at+jwt"), [receipt_key.public])


def test_a_key_that_the_receipt_brings_along_is_not_believed(receipt_key):
    with pytest.raises(InvalidReceiptError, match="no known key"):
        verify(receipt_key.sign(CLAIMS, kid="mine", jwk=receipt_key.public), [receipt_key.public])


def test_unknown_critical_extensions_are_refused(receipt_key):
    with pytest.raises(InvalidReceiptError, match="extensions"):
        verify(receipt_key.sign(CLAIMS, crit=["x"], x=1), [receipt_key.public])


@pytest.mark.parametrize("text", ["", "a.b", "...", "!.b.c", "bm8.b.c"])
def test_what_is_no_jws_is_said_to_be_none(receipt_key, text: str):
    with pytest.raises(InvalidReceiptError):
        verify(text, [receipt_key.public])


def test_counts_must_add_up(receipt_key):
    with pytest.raises(InvalidReceiptError, match="add up"):
        verify(
            receipt_key.sign(CLAIMS | {"counts": {"total": 3, "accepted": 1, "rejected": 1}}),
            [receipt_key.public],
        )


def test_body_and_verdicts_are_compared(receipt_key):
    claims = verify(receipt_key.sign(CLAIMS), [receipt_key.public])
    check_body(claims, "a" * 64)
    check_verdicts(claims, "b" * 64)
    with pytest.raises(InvalidReceiptError, match="another body"):
        check_body(claims, "c" * 64)
    with pytest.raises(InvalidReceiptError, match="verdicts"):
        check_verdicts(claims, "c" * 64)


def test_held_keys_are_never_dropped(receipt_key):
    assert merge_keys([receipt_key.public], [{"kid": "r2"}]) == [receipt_key.public, {"kid": "r2"}]


def test_a_known_key_id_with_another_key_is_an_alarm(receipt_key):
    with pytest.raises(InvalidReceiptError, match="another key"):
        merge_keys([receipt_key.public], [receipt_key.public | {"x": "AA"}])

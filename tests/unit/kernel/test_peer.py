"""Whom a service believes to be at the other end."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from services.kernel.peer import Binding, Peer, Peers, binding_of, read_certificate, read_networks

PROXIES = "10.0.0.0/24, fd00::1"


@pytest.fixture(scope="module")
def certificate():
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "演示系统")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now).not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip


def thumbprint_of(certificate):
    digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def peer(client, forwarded=(), certificate=(), trusted=PROXIES):
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    headers += [(b"client-cert", value.encode()) for value in certificate]
    return Peers(trusted, "Client-Cert").of({"client": (client, 1) if client else None, "headers": headers})


@pytest.mark.parametrize(
    ("client", "forwarded", "address"),
    [
        ("203.0.113.5", [], "203.0.113.5"),
        ("203.0.113.5", ["10.1.1.1"], "203.0.113.5"),  # whoever comes directly cannot speak for others
        ("10.0.0.7", ["203.0.113.5"], "203.0.113.5"),
        ("10.0.0.7", ["192.0.2.1, 203.0.113.5"], "203.0.113.5"),  # what stands before it, the client wrote
        ("10.0.0.7", ["192.0.2.1", "203.0.113.5, 10.0.0.9"], "203.0.113.5"),
        ("10.0.0.7", [], "10.0.0.7"),
        ("10.0.0.7", ["10.0.0.8"], "10.0.0.8"),
        ("10.0.0.7", ["203.0.113.5:4711"], None),
        ("10.0.0.7", ["203.0.113.5, unknown"], None),
        ("10.0.0.7", [""], "10.0.0.7"),
        ("::ffff:10.0.0.7", ["::ffff:203.0.113.5"], "203.0.113.5"),
        ("fd00::1", ["2001:db8::5"], "2001:db8::5"),
        ("testclient", ["203.0.113.5"], None),
        (None, ["203.0.113.5"], None),
    ],
)
def test_the_address_is_the_last_that_a_trusted_proxy_vouches_for(client, forwarded, address):
    assert peer(client, forwarded).address == (ip_address(address) if address else None)


def test_a_certificate_is_believed_from_a_trusted_proxy_only(certificate):
    told = thumbprint_of(certificate)
    assert peer("10.0.0.7", certificate=[told]).certificate == told
    assert peer("203.0.113.5", certificate=[told]).certificate is None
    assert peer("10.0.0.7", certificate=[told], trusted="").certificate is None


def test_of_two_certificates_none_is_chosen(certificate):
    told = thumbprint_of(certificate)
    assert peer("10.0.0.7", certificate=[told, told]).certificate is None


def test_without_the_name_of_a_header_no_header_counts(certificate):
    scope = {"client": ("10.0.0.7", 1), "headers": [(b"", thumbprint_of(certificate).encode())]}
    assert Peers(PROXIES).of(scope).certificate is None


def test_every_form_of_a_certificate_is_the_same_thumbprint(certificate):
    pem = certificate.public_bytes(Encoding.PEM).decode()
    der = certificate.public_bytes(Encoding.DER)
    hexadecimal = hashlib.sha256(der).hexdigest()
    forms = [
        thumbprint_of(certificate), pem, quote(pem, safe=""), f":{base64.b64encode(der).decode()}:", hexadecimal,
        hexadecimal.upper(), ":".join(hexadecimal[at : at + 2] for at in range(0, 64, 2)),
    ]  # fmt: skip
    assert {read_certificate(form) for form in forms} == {thumbprint_of(certificate)}


@pytest.mark.parametrize(
    "text", ["", "(null)", "::", "a" * 40, "-----BEGIN CERTIFICATE-----", "x" * 20_000, "%ff", ":AAAA:"]
)
def test_what_is_no_certificate_is_none(text):
    assert read_certificate(text) is None


def test_a_binding_asks_for_all_that_it_names():
    bound = Binding("thumb", read_networks("10.1.0.0/16"))
    inside, outside = ip_address("10.1.2.3"), ip_address("10.2.2.3")
    assert [bound.admits_certificate(Peer(inside, held)) for held in ("thumb", "other", None)] == [
        True,
        False,
        False,
    ]
    assert [bound.admits_address(Peer(at, "thumb")) for at in (inside, outside, None)] == [True, False, False]


def test_nothing_to_bind_to_is_no_binding():
    assert binding_of(None, []) is None
    assert binding_of(None, ["10.0.0.0/8"]) is not None


@pytest.mark.parametrize("text", ["10.0.0.1/8", "proxy.example", "10.0.0.0/33"])
def test_a_network_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match=r"does not appear|host bits"):
        read_networks(text)

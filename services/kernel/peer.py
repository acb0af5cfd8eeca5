"""Who stands at the other end of a connection: the client's address and its certificate, as far as they can be believed.

Behind a proxy the connection is the proxy's. What a proxy says of its client (`X-Forwarded-For`, and the client's
certificate in a header that the deployment names) is believed only when the connection comes from an address that the
deployment trusts; from anyone else those headers are nothing but text.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
_FORWARDED: Final = b"x-forwarded-for"
_HEX: Final = re.compile(r"[0-9A-Fa-f]{64}")
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_BYTES: Final = re.compile(r":([A-Za-z0-9+/]+={0,2}):")
_LONGEST: Final = 16_384


class Peer(NamedTuple):
    """The client of a request; `certificate` is the thumbprint of RFC 8705 (`x5t#S256`), None without one."""

    address: Address | None
    certificate: str | None


class Binding(NamedTuple):
    """What a credential is bound to besides its proof: one certificate, some networks, or both."""

    certificate: str | None
    networks: tuple[Network, ...]

    def admits_certificate(self, peer: Peer) -> bool:
        """Whether the peer holds the certificate, if one is asked for."""
        return self.certificate is None or peer.certificate == self.certificate

    def admits_address(self, peer: Peer) -> bool:
        """Whether the peer calls from one of the networks, if there are any; from an unknown address it does not."""
        return not self.networks or (peer.address is not None and is_in(peer.address, self.networks))


def binding_of(certificate: str | None, networks: Iterable[str] | None) -> Binding | None:
    """What a credential is bound to; None when to nothing."""
    found = Binding(certificate, tuple(ip_network(network) for network in networks or ()))
    return found if found.certificate or found.networks else None


class Peers:
    """Tells peers by the proxies that a deployment trusts, and the header in which they hand over a certificate."""

    def __init__(self, trusted_proxies: str = "", certificate_header: str = "") -> None:
        self._trusted = read_networks(trusted_proxies)
        self._header = certificate_header.lower().encode("latin-1")

    def of(self, scope: Any) -> Peer:
        """The client behind an ASGI connection."""
        client = scope.get("client")
        address = _address(client[0]) if client else None
        if address is None or not is_in(address, self._trusted):
            return Peer(address, None)
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        forwarded = [value.decode("latin-1") for name, value in headers if name == _FORWARDED]
        handed = [value.decode("latin-1") for name, value in headers if self._header and name == self._header]
        certificate = read_certificate(handed[0]) if len(handed) == 1 else None
        return Peer(self._behind(address, ",".join(forwarded)), certificate)

    def _behind(self, proxy: Address, forwarded: str) -> Address | None:
        """The last address that no trusted proxy has; what stands before it, the client itself may have written."""
        found: Address | None = proxy
        for text in reversed(forwarded.split(",") if forwarded else []):
            found = _address(text.strip())
            if found is None or not is_in(found, self._trusted):
                return found
        return found


def is_in(address: Address, networks: Iterable[Network]) -> bool:
    """Whether an address lies in one of some networks."""
    return any(address in network for network in networks)


def read_networks(text: str) -> tuple[Network, ...]:
    """Networks, separated by commas, each an address or a range such as `10.1.0.0/16`.

    Raises:
        ValueError: one is none, or has bits beyond its mask.
    """
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def read_certificate(text: str) -> str | None:
    """The thumbprint behind what a proxy or an administrator hands over; None when it is none of these.

    It may be the SHA-256 thumbprint itself, in hexadecimal or base64url; the certificate in PEM, percent-encoded or not
    (nginx's `$ssl_client_escaped_cert`); or in DER as a byte sequence between colons (RFC 9440).
    """
    if len(text) > _LONGEST:
        return None
    text = text.strip()
    if _BASE64URL.fullmatch(text):
        return text
    plain = text.replace(":", "") if text.count(":") == 31 else text
    if _HEX.fullmatch(plain):
        return _thumbprint(bytes.fromhex(plain))
    sequence = _BYTES.fullmatch(text)
    try:
        if sequence:
            certificate = x509.load_der_x509_certificate(base64.b64decode(sequence[1], validate=True))
        else:
            certificate = x509.load_pem_x509_certificate(unquote(text, errors="strict").encode())
    except (ValueError, binascii.Error):
        return None
    return _thumbprint(hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest())


def _thumbprint(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _address(text: str) -> Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found

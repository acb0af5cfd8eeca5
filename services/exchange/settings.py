"""Settings of the exchange: one frozen object, made once, from `ZHIXIN_EXCHANGE_…` of the environment or by hand.

There is no default secret: without one the service does not start.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.kernel.db import normalised
from services.kernel.peer import read_networks
from services.kernel.tokens import KeyRing, SigningKey


class ExchangeSettings(BaseSettings):
    """Everything that differs from one deployment to another."""

    model_config = SettingsConfigDict(env_prefix="ZHIXIN_EXCHANGE_", frozen=True, extra="forbid")

    database_url: str = Field(description="sqlite:///PATH or postgresql://USER@HOST/NAME")
    issuer: str = Field(
        description="The public base address, without a trailing slash; the issuer of its tokens"
    )
    secret: SecretStr = Field(min_length=32, description="From it come the keys of hashes, seals and cursors")
    service_key: SecretStr = Field(
        description="The private key (PKCS 8 PEM, P-256) that signs calls to credit"
    )
    credit_keys: dict[str, Any] = Field(
        description="JWK set of the keys that sign credit's calls to the exchange"
    )
    credit_url: str = Field(description="Where credit answers inside the deployment")
    state_dir: Path = Field(description="A directory for uploads that are still arriving")

    inline_records: int = Field(
        default=1_000, description="Most records of a push that is answered in the request"
    )
    inline_bytes: int = Field(
        default=1 << 20, description="Most bytes of a push that is answered in the request"
    )
    json_bytes: int = Field(default=8 << 20, description="Most bytes of a JSON body")
    upload_bytes: int = Field(default=1 << 30, description="Most bytes of an NDJSON or CSV body")
    sheet_bytes: int = Field(default=64 << 20, description="Most bytes of a workbook as it comes")
    sheet_unpacked_bytes: int = Field(default=512 << 20, description="Most bytes of a workbook unpacked")
    sheet_columns: int = Field(default=500, description="Most columns of a sheet")
    sheet_cells: int = Field(
        default=12_000_000, description="Most cells of a sheet, empty ones in between counted"
    )
    sheet_memory_bytes: int = Field(
        default=2 << 30, description="Most memory of the process that reads one sheet"
    )
    sheet_seconds: int = Field(default=300, description="Most processor seconds of that process")
    sheet_processes: int = Field(default=2, ge=1, description="How many sheets are read at once")
    page_items: int = Field(
        default=3_000, ge=1, description="Most records that credit takes in one transaction"
    )
    waiting_records: int = Field(
        default=5_000_000, ge=1, description="From so many records without verdicts on, an agency has to wait"
    )
    changes_days: int = Field(default=90, ge=90, description="How long changes are served, days")
    raw_days: int = Field(default=30, description="How long the bytes of a batch are kept, days")

    trusted_proxies: str = Field(
        default="",
        description="Addresses or networks, separated by commas, whose forwarding headers are believed",
    )
    certificate_header: str = Field(
        default="", description="The header in which such a proxy hands over the client's certificate"
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, text: str) -> str:
        read_networks(text)
        return text

    @field_validator("database_url")
    @classmethod
    def _of_a_supported_database(cls, url: str) -> str:
        normalised(url)
        return url

    @field_validator("issuer")
    @classmethod
    def _as_an_issuer(cls, url: str) -> str:
        parts = urlsplit(url.rstrip("/"))
        if (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or parts.path
            or parts.query
            or parts.fragment
        ):
            raise ValueError("an issuer is an http(s) address without path, query and fragment (RFC 8414, 2)")
        return parts.geturl()

    @field_validator("service_key")
    @classmethod
    def _a_private_key(cls, pem: SecretStr) -> SecretStr:
        try:
            SigningKey.from_pem(pem.get_secret_value())
        except (TypeError, ValueError):
            raise ValueError("not a PKCS 8 PEM of a private key on P-256") from None
        return pem

    @field_validator("credit_keys")
    @classmethod
    def _a_key_set(cls, jwks: dict[str, Any]) -> dict[str, Any]:
        KeyRing(jwks)
        return jwks

"""Settings of the credit service: one frozen object, read from the environment once, without default secrets."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.kernel import calendar
from services.kernel.peer import read_networks


class CreditSettings(BaseSettings):
    """`ZHIXIN_CREDIT_…` variables.

    `issuer` is the public address of the exchange, whose tokens are accepted; `service_key` is this service's private
    key (PKCS 8 PEM); `exchange_keys` the exchange's public service key as a JWK set. `coordinator` is the agency to which
    overdue cases of agencies without a superior escalate; `calendar_dir` holds calendars of years beyond the shipped ones.
    `trusted_proxies` are the addresses whose forwarding headers are believed, `certificate_header` the one in which they
    hand over a client's certificate. `daily_firms` is how many distinct firms a credential may ask about in a day; 0 sets
    no quota.
    """

    model_config = SettingsConfigDict(env_prefix="ZHIXIN_CREDIT_", frozen=True, extra="forbid")

    database_url: str
    issuer: str
    secret: SecretStr
    service_key: SecretStr
    exchange_keys: str
    exchange_url: str
    province: str = "430000"
    coordinator: str | None = None
    calendar_dir: Path | None = None
    daily_firms: int = Field(default=200_000, ge=0)
    trusted_proxies: str = ""
    certificate_header: str = ""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("calendar_dir")
    @classmethod
    def _calendars(cls, folder: Path | None) -> Path | None:
        calendar.load(folder)
        return folder

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, text: str) -> str:
        read_networks(text)
        return text

"""Settings of the credit service: one frozen object, read from the environment once, without default secrets."""

from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class CreditSettings(BaseSettings):
    """`ZHIXIN_CREDIT_…` variables.

    `issuer` is the public address of the exchange, whose tokens are accepted; `service_key` is this service's private
    key (PKCS 8 PEM); `exchange_keys` the exchange's public service key as a JWK set. `coordinator` is the agency to which
    overdue cases of agencies without a superior escalate; `calendar_dir` holds calendars of years beyond the shipped ones.
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
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

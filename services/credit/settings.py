"""Settings of the credit service: one frozen object, read from the environment once, without default secrets."""

from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class CreditSettings(BaseSettings):
    """`ZHIXIN_CREDIT_…` variables.

    `issuer` is the public address of the exchange, whose tokens are accepted; `service_key` is this service's private
    key (PKCS 8 PEM); `exchange_keys` the exchange's public service key as a JWK set.
    """

    model_config = SettingsConfigDict(env_prefix="ZHIXIN_CREDIT_", frozen=True, extra="forbid")

    database_url: str
    issuer: str
    secret: SecretStr
    service_key: SecretStr
    exchange_keys: str
    exchange_url: str
    province: str = "430000"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

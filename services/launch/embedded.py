"""The embedded deployment's own folder: secrets made at random, kept readable to their owner only, and the settings
of both services that follow from them."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from services.credit.settings import CreditSettings
from services.exchange.settings import ExchangeSettings
from services.kernel.tokens import SigningKey

CREDIT_VARIABLE = "ZHIXIN_CREDIT_DATABASE_URL"
EXCHANGE_VARIABLE = "ZHIXIN_EXCHANGE_DATABASE_URL"


@dataclass(frozen=True)
class Secrets:
    """What only this deployment knows."""

    credit_secret: str
    exchange_secret: str
    credit_key: str
    exchange_key: str

    @classmethod
    def generate(cls) -> "Secrets":
        """New secrets."""
        return cls(
            secrets.token_urlsafe(48),
            secrets.token_urlsafe(48),
            SigningKey.generate().pem,
            SigningKey.generate().pem,
        )


class EmbeddedFolder:
    """The folder of an embedded deployment."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.chmod(0o700)

    def secrets(self) -> Secrets:
        """The deployment's secrets; made at the first call."""
        stored = self.read("secrets.json")
        if stored is None:
            made = Secrets.generate()
            self.write("secrets.json", asdict(made))
            return made
        return Secrets(**stored)

    def read(self, name: str) -> dict[str, Any] | None:
        """A JSON file of the folder, or None."""
        file = self.path / name
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None

    def write(self, name: str, value: dict[str, Any]) -> None:
        """Write a JSON file whole or not at all, readable to its owner only."""
        draft = self.path / f"{name}.new"
        with os.fdopen(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            json.dump(value, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path / name)

    @property
    def credit_url(self) -> str:
        """The address of credit's database: the environment's, else a file here."""
        return os.environ.get(CREDIT_VARIABLE) or f"sqlite:///{self.path / 'credit.sqlite3'}"

    @property
    def exchange_url(self) -> str:
        """The address of the exchange's database: the environment's, else a file here."""
        return os.environ.get(EXCHANGE_VARIABLE) or f"sqlite:///{self.path / 'exchange.sqlite3'}"

    def settings(self, base_url: str) -> tuple[CreditSettings, ExchangeSettings]:
        """The settings of both services at a public address."""
        known = self.secrets()
        credit_key, exchange_key = (
            SigningKey.from_pem(known.credit_key),
            SigningKey.from_pem(known.exchange_key),
        )
        credit = CreditSettings(
            database_url=self.credit_url, issuer=base_url, secret=known.credit_secret, service_key=known.credit_key,
            exchange_keys=json.dumps({"keys": [exchange_key.jwk]}), exchange_url="http://exchange.internal",
        )  # fmt: skip
        exchange = ExchangeSettings(
            database_url=self.exchange_url, issuer=base_url, secret=known.exchange_secret, service_key=known.exchange_key,
            credit_keys={"keys": [credit_key.jwk]}, credit_url="http://credit.internal", state_dir=self.path / "uploads",
        )  # fmt: skip
        return credit, exchange

"""Settings have no default secret and refuse what could not work."""

import pytest
from pydantic import ValidationError

from services.exchange.settings import ExchangeSettings
from services.kernel.tokens import SigningKey

PEM = SigningKey.generate().pem
GOOD = {
    "database_url": "sqlite:///exchange.sqlite3", "issuer": "https://zhixin.test", "secret": "s" * 32,
    "service_key": PEM, "credit_keys": {"keys": []}, "credit_url": "http://credit.test", "state_dir": "state",
}  # fmt: skip


def test_the_environment_is_read(monkeypatch):
    values = GOOD | {"credit_keys": '{"keys": []}'}
    for name, value in values.items():
        monkeypatch.setenv(f"ZHIXIN_EXCHANGE_{name.upper()}", value)
    assert ExchangeSettings().issuer == "https://zhixin.test"


@pytest.mark.parametrize(
    "name", ["database_url", "issuer", "secret", "service_key", "credit_keys", "credit_url", "state_dir"]
)
def test_nothing_that_must_be_set_has_a_default(name):
    with pytest.raises(ValidationError, match=name):
        ExchangeSettings(**{key: value for key, value in GOOD.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("secret", "too short"),
        ("service_key", "no key"),
        ("issuer", "zhixin.test"),
        ("issuer", "https://zhixin.test/path"),
        ("database_url", "mysql://zhixin"),
        ("colour", "red"),
    ],
)
def test_what_could_not_work_is_refused(name, value):
    with pytest.raises(ValidationError, match=name):
        ExchangeSettings(**(GOOD | {name: value}))


def test_a_trailing_slash_of_the_issuer_does_not_count():
    assert ExchangeSettings(**(GOOD | {"issuer": "https://zhixin.test/"})).issuer == "https://zhixin.test"


def test_secrets_do_not_show():
    assert "s" * 32 not in repr(ExchangeSettings(**GOOD))


def test_settings_are_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        ExchangeSettings(**GOOD).issuer = "https://other.test"

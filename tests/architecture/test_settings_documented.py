"""Every setting of a service stands in the operator's table with the default that the code gives it, and no other does."""

import re

import pytest

from services.credit.settings import CreditSettings
from services.exchange.settings import ExchangeSettings
from tests.architecture.tree import ROOT, read

DOCUMENT = read(ROOT / "docs" / "operations.md")
SETTINGS = [CreditSettings, ExchangeSettings]
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def documented():
    """Variable → its default as the table writes it."""
    return dict(re.findall(r"^\| `(ZHIXIN_[A-Z_]+)` \| ([^|]+?) \|", DOCUMENT, re.MULTILINE))


def declared(settings):
    """Variable → its field."""
    prefix = settings.model_config["env_prefix"]
    return {f"{prefix}{name.upper()}": field for name, field in settings.model_fields.items()}


def written(default):
    """A default of the table as the code would write it."""
    number, _, unit = default.strip("`").replace(",", "").partition(" ")
    return str(int(number) * UNITS[unit]) if unit else number


@pytest.mark.parametrize("settings", SETTINGS)
def test_every_setting_is_documented(settings):
    assert sorted(declared(settings).keys() - documented().keys()) == []


def test_every_documented_setting_exists():
    existing = {name for settings in SETTINGS for name in declared(settings)}
    assert sorted(documented().keys() - existing) == []


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_defaults_are_as_documented(settings):
    told = documented()
    wrong = {
        name: (told[name], field.default)
        for name, field in declared(settings).items()
        if written(told[name]) != ("–" if field.is_required() else str(field.default))
    }
    assert wrong == {}


def test_what_must_be_given_is_given_by_the_first_start():
    shown = set(
        re.findall(
            r"ZHIXIN_(?:CREDIT|EXCHANGE)_[A-Z_]+", "".join(re.findall(r"^export .+$", DOCUMENT, re.MULTILINE))
        )
    )
    made = {"SECRET", "SERVICE_KEY", "CREDIT_KEYS", "EXCHANGE_KEYS"}
    needed = {
        name
        for settings in SETTINGS
        for name, field in declared(settings).items()
        if field.is_required() and not name.endswith(tuple(f"_{part}" for part in made))
    }
    assert shown == needed

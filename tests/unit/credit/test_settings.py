"""Settings of credit: what an operator can get wrong is refused before anything is opened, with the place."""

import pytest
from pydantic import ValidationError

from services.credit.settings import CreditSettings

SOUND = {
    "database_url": "sqlite://", "issuer": "http://e.test", "secret": "s", "service_key": "k", "exchange_keys": "{}",
    "exchange_url": "http://e.test",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("year = ", "2030.toml: not TOML"),
        ("year = 2030\nsource = 1\nholidays = []", "2030.toml: source: str wanted"),
    ],
)
def test_a_calendar_that_is_not_of_the_form_is_named(tmp_path, text, reason):
    (tmp_path / "2030.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValidationError, match=reason):
        CreditSettings(**SOUND, calendar_dir=tmp_path)


def test_a_folder_of_calendars_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ValidationError, match="is no folder"):
        CreditSettings(**SOUND, calendar_dir=tmp_path / "none")


def test_without_a_folder_the_shipped_calendars_count():
    assert CreditSettings(**SOUND).calendar_dir is None

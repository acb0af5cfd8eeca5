# The real register lies beside the project and never in it (its licence, and the firms are real).

import re
from pathlib import Path

import msgspec
import pytest

from services.exchange.client.body import table_records
from services.exchange.client.heading import find_tables
from services.exchange.client.table import heads, layout_of
from services.kernel import uscc

DATA = Path(__file__).parents[4] / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the register's files are not beside this checkout")


def records(name: str, catalogue) -> list[dict]:
    with (DATA / name).open("rb") as file:
        layout = layout_of(file, "csv")
        tables = find_tables(heads(file, layout), catalogue, kind=None, overrides={})
        return [msgspec.json.decode(record) for _, record in table_records(file, layout, tables)]


def is_sound(record: dict) -> bool:
    return (
        uscc.is_valid(record["subject"].get("uscc", ""))
        and record["source_record_id"] == record["subject"]["uscc"]
        and record["region"] == record["subject"]["uscc"][2:8]
        and re.fullmatch(r"\d{4}-\d\d-\d\d", record["occurred_on"]) is not None
        and not any(name.startswith("column_") for name in record)
        and "�" not in str(record)
    )


def test_every_row_of_the_register_maps_to_a_sound_record(catalogue):
    found = records("hunan_register.csv", catalogue)
    assert len(found) == 17_795
    assert all(map(is_sound, found))


def test_the_dirty_file_gives_its_200_rows_of_which_169_are_sound(catalogue):
    found = records("hunan_register_dirty.csv", catalogue)
    assert (len(found), sum(map(is_sound, found))) == (200, 169)


def test_each_broken_row_has_at_least_a_wrong_code_and_a_date_that_is_none(catalogue):
    broken = [record for record in records("hunan_register_dirty.csv", catalogue) if not is_sound(record)]
    assert all(uscc.faults(uscc.normalise(record["subject"]["uscc"])) for record in broken)
    assert not any(re.fullmatch(r"\d{4}-\d\d-\d\d", record["occurred_on"]) for record in broken)


def test_the_169_say_the_same_as_the_register(catalogue):
    register = {record["source_record_id"]: record for record in records("hunan_register.csv", catalogue)}
    sound = [record for record in records("hunan_register_dirty.csv", catalogue) if is_sound(record)]
    assert all(record == register[record["source_record_id"]] for record in sound)

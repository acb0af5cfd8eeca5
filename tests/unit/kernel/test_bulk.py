"""Few rows and many rows leave the same tables, on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    select,
)
from sqlalchemy.exc import IntegrityError

from services.kernel.bulk import insert_rows, plain_value, select_by_key, take_numbers, update_rows
from services.kernel.db import Database, Instant

CATS = Table(
    "cat",
    MetaData(),
    Column("no", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("name", String(20), nullable=False),
    Column("story", Text),
    Column("toys", SmallInteger),
    Column("born_on", Date),
    Column("seen_at", Instant),
    Column("fur", LargeBinary),
    Column("asleep", Boolean, nullable=False),
)
COLUMNS = tuple(column.name for column in CATS.columns)
NOON = datetime(2026, 11, 23, 4, 0, 0, 7, tzinfo=UTC)


@pytest.fixture
def database(database_url):
    opened = Database(database_url)
    CATS.metadata.create_all(opened.writer)
    yield opened
    opened.close()


def cat(number):
    return (
        number,
        f"猫{number}",
        None if number % 3 == 0 else f'quote " comma , tab \t back \\ {number}',
        None if number % 2 else number,
        date(2020, 1, 1) + timedelta(days=number),
        NOON + timedelta(seconds=number) if number % 5 else None,
        bytes([0, number % 256, 255]),
        number % 2 == 0,
    )


def everything(database):
    with database.read() as session:
        return [tuple(row) for row in session.connection().execute(select(CATS).order_by(CATS.c.no))]


@pytest.mark.parametrize("size", [0, 1, 2, 4, 5, 300])
def test_what_is_inserted_is_read_back(database, size):
    cats = [cat(number) for number in range(1, size + 1)]
    with database.write("test_inserted") as session:
        insert_rows(session, CATS, COLUMNS, cats)
    assert everything(database) == cats


@pytest.mark.parametrize("step", [1, 3, 4, 5, 300])
def test_updates_by_few_and_by_many_leave_the_same(database, step):
    cats = [cat(number) for number in range(1, 301)]
    changed = [(number, *cat(number + 1_000)[1:]) for number in range(1, 301)]
    with database.write("test_updated") as session:
        insert_rows(session, CATS, COLUMNS, cats)
        for place in range(0, 300, step):
            update_rows(session, CATS, COLUMNS[:1], COLUMNS[1:], changed[place : place + step])
    assert everything(database) == changed


@pytest.mark.parametrize("size", [1, 50])
def test_a_text_may_be_written_and_read_as_it_is_kept(database, size):
    told = 'a "story" of 猫\\ and tab \t'
    with database.write("test_updated") as session:
        insert_rows(session, CATS, COLUMNS, [cat(number) for number in range(1, size + 1)])
        rows = [(number, told.encode(), f"狸{number}") for number in range(1, size + 1)]
        update_rows(session, CATS, ("no",), ("story", "name"), rows)
    assert [(row[1], row[2]) for row in everything(database)] == [
        (f"狸{number}", told) for number in range(1, size + 1)
    ]
    with database.read() as session:
        columns = ("name", "story", "seen_at", "asleep")
        [row] = select_by_key(session, CATS, "name", ["狸1"], columns, long_texts_as_kept=True)
        plain = select_by_key(session, CATS, "name", ["狸1"], columns)[0]
    assert (row[0], bytes(row[1])) == (plain[0], plain[1].encode())
    assert tuple(row[2:]) == tuple(plain[2:])


@pytest.mark.parametrize("size", [2, 50])
def test_an_update_touches_the_named_rows_and_columns_alone(database, size):
    cats = [cat(number) for number in range(1, 101)]
    with database.write("test_updated") as session:
        insert_rows(session, CATS, COLUMNS, cats)
        update_rows(session, CATS, ("no", "name"), ("toys",), [(n, f"猫{n}", 99) for n in range(1, size + 1)])
    expected = [(*row[:3], 99, *row[4:]) if row[0] <= size else row for row in cats]
    assert everything(database) == expected


def test_two_updates_of_many_in_one_transaction_do_not_mix(database):
    cats = [cat(number) for number in range(1, 21)]
    with database.write("test_updated") as session:
        insert_rows(session, CATS, COLUMNS, cats)
        update_rows(session, CATS, ("no",), ("toys",), [(number, 1) for number in range(1, 11)])
        update_rows(session, CATS, ("no",), ("toys",), [(number, 2) for number in range(11, 21)])
        update_rows(session, CATS, ("no",), ("name",), [(number, "x") for number in range(1, 21)])
    assert [(row[1], row[3]) for row in everything(database)] == [("x", 1)] * 10 + [("x", 2)] * 10


def test_the_next_transaction_of_a_connection_finds_no_staged_rows(database):
    with database.write("test_updated") as session:
        insert_rows(session, CATS, COLUMNS, [cat(number) for number in range(1, 21)])
    for toys in (1, 2):
        with database.write("test_updated") as session:
            update_rows(session, CATS, ("no",), ("toys",), [(number, toys) for number in range(1, 11)])
    assert [row[3] for row in everything(database)][:10] == [2] * 10


@pytest.mark.parametrize("size", [1, 50])
def test_a_conflict_raises_and_leaves_nothing(database, size):
    with database.write("test_inserted") as session:
        insert_rows(session, CATS, COLUMNS, [cat(size)])
    with pytest.raises(IntegrityError), database.write("test_conflicting") as session:
        insert_rows(session, CATS, COLUMNS, [cat(number) for number in range(1, size + 1)])
    assert everything(database) == [cat(size)]


def test_rows_are_selected_by_key(database):
    with database.write("test_inserted") as session:
        insert_rows(session, CATS, COLUMNS, [cat(number) for number in range(1, 21)])
    with database.read() as session:
        rows = select_by_key(
            session, CATS, "name", ["猫3", "猫7", "狗", "猫3"], ("no",), suffix="ORDER BY no"
        )
        assert [tuple(row) for row in rows] == [(3,), (7,)]
        assert select_by_key(session, CATS, "name", [], ("no",)) == []


def test_numbers_rise_and_are_given_once(database):
    taken = []
    for count in (3, 0, 5):
        with database.write("test_numbered") as session:
            numbers = take_numbers(session, CATS, "no", count)
            insert_rows(session, CATS, COLUMNS, [cat(number) for number in numbers])
            taken += numbers
    assert (taken, len(taken)) == (sorted(set(taken)), 8)


def test_instants_are_stored_in_utc_whatever_their_zone():
    assert plain_value(NOON) == "2026-11-23 04:00:00.000007"

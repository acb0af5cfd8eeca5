"""The outbox hands events out in runs: whole, in order, none that the journal holds, none of a transaction at work."""

import json
from contextlib import ExitStack

import pytest
from sqlalchemy import text

from services.credit.service.selfcheck import check_credit
from services.credit.store import outbox
from services.kernel.outbox import read_runs, render_event, render_runs
from tests.filing import code_of, penalty, registration, rows, take

_, EVENT = render_event(
    type_="test", uscc=code_of(1), enterprise_version=1, provider=None, kind=None, region=None, record_id=None,
    record_version=None, recorded_at="2026-01-01T00:00:00Z", data={},
)  # fmt: skip


def written(credit):
    found = rows(credit.database, "SELECT no, events FROM outbox ORDER BY no")
    return [no + place for no, events in found for place in range(events)]


def handed_out(credit, limit=10_000):
    with credit.database.read() as session:
        runs, lines = outbox.unsent(session, limit)
    return read_runs(render_runs([(run.first, run.events) for run in runs], lines))


def mark(credit, *places):
    with credit.database.write("test") as session:
        outbox.mark_sent(session, 1, places)


def test_what_a_transaction_wrote_is_one_run_in_order(credit):
    take(credit, registration(1), penalty(1), registration(2))
    take(credit, registration(3))
    first, second = handed_out(credit)
    assert [header.uscc for header, _ in first[1]] == [code_of(1), code_of(1), code_of(1), code_of(2)]
    assert [header.enterprise_version for header, _ in first[1]] == [1, 2, 3, 1]
    assert [header.uscc for header, _ in second[1]] == [code_of(3)]
    assert [no for no, _ in (first, second)] == [written(credit)[0], written(credit)[-1]]


def test_runs_are_handed_out_until_there_are_enough(credit):
    for number in range(1, 4):
        take(credit, registration(number))
    assert len(handed_out(credit, limit=2)) == 2


def test_a_run_between_others_that_was_sent_stays_out(credit):
    for number in range(1, 4):
        take(credit, registration(number))
    first, second, third = handed_out(credit)
    mark(credit, (second[0], 1))
    assert handed_out(credit) == [first, third]
    mark(credit, (first[0], 2), (third[0], 3))
    assert handed_out(credit) == []


def test_a_restored_journal_gets_again_what_it_has_lost(credit):
    take(credit, registration(1), registration(2))
    take(credit, registration(3))
    first, second = handed_out(credit)
    mark(credit, (first[0], 1), (second[0], 3))
    with credit.database.write("test") as session:
        assert outbox.forget_above(session, 2) == 1
    assert handed_out(credit) == [second]


def test_transactions_at_work_at_once_do_not_share_a_run(credit):
    if credit.database.is_sqlite:
        pytest.skip("it has one writer")
    with ExitStack() as stack:
        first, second = (stack.enter_context(credit.database.write("test")) for _ in range(2))
        outbox.append(first, [(code_of(1), version, EVENT) for version in (1, 2)])
        outbox.append(second, [(code_of(2), version, EVENT) for version in (1, 2)])
        second.commit()
        assert [len(events) for _, events in handed_out(credit)] == [2]
    assert [len(events) for _, events in handed_out(credit)] == [2, 2]


def test_a_large_transaction_is_several_runs(credit, monkeypatch):
    monkeypatch.setattr(outbox, "_RUN", 2)
    take(credit, *(registration(number) for number in range(1, 6)))
    runs = handed_out(credit)
    assert [len(events) for _, events in runs] == [2, 2, 1]
    assert [header.uscc for _, events in runs for header, _ in events] == [code_of(n) for n in range(1, 6)]


def test_events_of_an_enterprise_are_kept_together_and_told_one_by_one(credit, monkeypatch):
    monkeypatch.setattr(outbox, "_RUN", 2)
    take(credit, registration(1), penalty(1), registration(2))
    kept = rows(credit.database, "SELECT uscc, enterprise_version, events FROM outbox ORDER BY no")
    assert kept == [(code_of(1), 1, 2), (code_of(1), 3, 1), (code_of(2), 1, 1)]
    with credit.database.read() as session:
        told = [json.loads(event) for event in outbox.of_enterprise(session, code_of(1))]
    assert [event["enterprise_version"] for event in told] == [1, 2, 3]


def test_a_row_that_was_written_event_by_event_is_told_with_the_later_ones(credit):
    take(credit, registration(1), penalty(1))
    with credit.database.write("test") as session:
        connection = session.connection()
        ((no, lines),) = connection.exec_driver_sql("SELECT no, lines FROM outbox").all()
        first, *rest = lines.split("\n")
        one = {"no": no, "lines": first}
        connection.execute(text("UPDATE outbox SET events = 1, lines = :lines WHERE no = :no"), one)
        others = [
            {"no": no + place, "uscc": code_of(1), "version": 1 + place, "lines": event}
            for place, event in enumerate(rest, 1)
        ]
        statement = "INSERT INTO outbox (no, uscc, enterprise_version, events, lines) VALUES (:no, :uscc, :version, 1, :lines)"
        connection.execute(text(statement), others)
    take(credit, registration(1, name="演示·改了名字的公司"))
    events = [header.enterprise_version for _, found in handed_out(credit) for header, _ in found]
    assert events == list(range(1, len(events) + 1))
    assert len(events) > 3
    with credit.database.read() as session:
        assert len(outbox.of_enterprise(session, code_of(1))) == len(events)
    assert check_credit(credit.database, credit.clock(), credit.settings.province) == []


def test_an_event_with_another_script_and_line_ends_of_unicode_arrives_whole(credit):
    take(credit, registration(1, name="演示\u2028𠮷野家有限公司"))
    ((_, events),) = handed_out(credit)
    assert "演示\u2028𠮷野家有限公司" in events[0][1].decode()


def test_events_are_kept_in_the_row_compressed_or_as_they_are(credit):
    if credit.database.is_sqlite:
        pytest.skip("it compresses nothing")
    ((how, offered),) = rows(
        credit.database,
        "SELECT attcompression::text, 'lz4' = ANY(enumvals) FROM pg_attribute, pg_settings"
        " WHERE attrelid = 'outbox'::regclass AND attname = 'lines' AND pg_settings.name = 'default_toast_compression'",
    )
    assert how == ("l" if offered else "")
    with credit.database.write("test") as session:
        outbox.append(session, [(code_of(1), version, EVENT * 40) for version in range(1, 11)])
    ((size, kept),) = rows(
        credit.database, "SELECT octet_length(lines), pg_column_compression(lines) FROM outbox"
    )
    assert (size, kept) == (10 * 40 * len(EVENT) + 9, "lz4" if offered else None)

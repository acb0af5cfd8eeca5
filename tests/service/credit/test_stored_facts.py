"""How the facts of an enterprise are stored: read and written many at once, and appended to."""

from dataclasses import replace
from datetime import UTC, date, datetime

import msgspec
import pytest

from services.credit.domain.facts import Bond, Fact
from services.credit.domain.rulebook import parse_rulebook
from services.credit.rulebook import released_text
from services.credit.service.stored_facts import facts_text, read_facts
from services.credit.service.workspace import Firm
from services.credit.store.enterprises import EnterpriseState

CODE, NOW = "91430100KXD000018X", datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
BOOK = parse_rulebook(released_text("2026-01"))
PENALTY = Fact(
    "a" * 32, "administrative_penalty", 739_000, None, "determined", "final", True, "administrative_penalty|x|1", False,
    {"penalty_types": ["罚款"], "fine_amount": 600_000}, None,
)  # fmt: skip
CHECK = Fact(
    "b" * 32, "spot_check", 739_100, 739_200, "determined", "suspended", False, None, True, {"result": "fail"},
    Bond(secondhand=True, act="其他", offence="甲", leads=True),
)  # fmt: skip
STATE = EnterpriseState(CODE, "演示", "430100", False, 1, NOW, facts_text([PENALTY, CHECK]))


def graded(firm):
    firm.card_row(BOOK, date(2026, 3, 2), "430000", NOW, provider=None, cause="records")
    return firm.state.facts


def test_facts_are_read_as_they_were_written():
    assert read_facts(facts_text([PENALTY, CHECK])) == [PENALTY, CHECK]


@pytest.mark.parametrize(
    "known", [PENALTY[:-1], PENALTY._replace(kind="of_before"), PENALTY._replace(effect="?")]
)
def test_facts_of_another_form_are_read_all_the_same(known):
    read = read_facts(msgspec.json.encode([CHECK, known]).decode())

    assert read == [CHECK, Fact(*known)]


def test_a_known_fact_that_stays_is_not_written_anew():
    firm = Firm.known(replace(STATE), None)
    firm.put("c" * 32, PENALTY._replace(record_id="c" * 32))

    assert graded(firm) == facts_text([PENALTY, CHECK, PENALTY._replace(record_id="c" * 32)])


@pytest.mark.parametrize(
    "change",
    [
        lambda firm: firm.put(CHECK.record_id, CHECK._replace(effect="final")),
        lambda firm: firm.facts.pop(PENALTY.record_id),
        lambda firm: firm.facts.clear(),
    ],
)
def test_facts_that_changed_or_went_are_written_anew(change):
    firm = Firm.known(replace(STATE), None)
    change(firm)

    assert graded(firm) == facts_text(list(firm.facts.values()))


def test_an_enterprise_is_graded_again_after_it_was_written():
    firm = Firm.known(replace(STATE), None)
    for name in "cd":
        firm.put(name * 32, PENALTY._replace(record_id=name * 32))
        graded(firm)

    assert read_facts(graded(firm)) == list(firm.facts.values())
    assert list(firm.facts) == [each * 32 for each in "abcd"]

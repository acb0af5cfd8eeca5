"""What a grade was equals what a replay of the journal up to that instant into an empty database answers.

A year of a dozen firms is filed: statements, corrections, moves to another firm, withdrawals, held failures and their
release, and cards that time moves on. Then the journal alone is read back, event by event, into a second database, and
at many instants on the way both are asked about random firms and days: the first by `as_of` and `known_at`, the second
for what it knows. Their answers must be the same bytes.
"""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from random import Random

import pytest

from services.credit.service.context import Credit
from services.credit.service.lookup import graded
from services.credit.service.past import Moment, MomentRefused, graded_then
from services.credit.service.rolling import roll_cards
from services.credit.service.rulebooks import seed_rulebook
from services.kernel.clock import shanghai_day
from services.kernel.db import Database
from services.kernel.kinds import KINDS
from services.kernel.policy import Reach
from tests.conftest import Clock, address_of
from tests.filing import (
    OTHER,
    PROVINCIAL,
    award,
    check,
    code_of,
    credit_settings,
    events_of,
    grant,
    penalty,
    registration,
    take,
)

START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
FIRMS = range(1, 13)
TRIPLES = 500
HEAD = ("record_id", "version", "provider", "recorded_at")
EVERYTHING = Reach([grant(OTHER, "pull")], KINDS)
CHECKS_ALONE = Reach([grant(OTHER, "pull", "spot_check", ("430100",))], KINDS)
PROVIDERS = {provider.id: provider for provider in (PROVINCIAL, OTHER)}


def opened(database, clock):
    seed_rulebook(database, clock())
    return Credit(credit_settings(address_of(database)), clock, database)


@pytest.fixture
def credit(credit_database):
    """A service that begins in January."""
    return opened(credit_database, Clock(START))


@pytest.fixture
def replayed(backend, templates):
    """A second service with an empty database."""
    database = Database(templates.copy(backend, "credit"))
    yield opened(database, Clock(START))
    database.close()
    templates.drop(address_of(database))


def statement(dice, number, today):
    """Something that an agency states about a firm, sometimes of a record that it has stated before."""
    source, day = str(dice.randrange(4)), (today - timedelta(days=dice.randrange(400))).isoformat()
    match dice.randrange(6):
        case 0:
            return registration(number, name=f"演示第{dice.randrange(3)}厂")
        case 1:
            kinds = dice.choice([("罚款",), ("没收违法所得",), ("责令停产停业",), ("警告",)])
            return penalty(
                number, f"p{number}-{source}", day, types=kinds, region=dice.choice(["430100", "430300"])
            )
        case 2:
            return award(number, f"a{number}-{source}", day)
        case 3:
            confirmed = dice.choice([None, True, False])
            return check(
                number, f"c{number}-{source}", day, result="fail", confirmed=confirmed, region="430100"
            )
        case _:
            return check(number, f"c{number}-{source}", day, region=dice.choice(["430100", "430200"]))  # fmt: skip


def told_apart(stated, dice):
    """The statement with a document number of its own: what was held in between is not in the journal, so that a replay
    could take a repeated statement for an unchanged one."""
    return stated | {"document_number": f"演示〔2026〕{dice.randrange(10**9)}号"}


def revision(dice, held):
    """A correction that may name another firm, or a withdrawal, of a record in force."""
    stated = dict(held)
    if dice.random() < 0.5:
        return stated | {"operation": "withdraw", "reason": "revoked"}
    number = dice.choice(FIRMS)
    return stated | {
        "operation": "correct",
        "subject": {"uscc": code_of(number), "name": stated["subject"]["name"]},
    }


def live_a_year(credit, dice):
    """File things for most of a year; answers the instants at which something may have happened."""
    in_force = {}
    for _ in range(140):
        credit.clock.advance(minutes=dice.randrange(30, 60 * 24 * 4))
        if dice.random() < 0.25:
            roll_cards(credit)
            continue
        today, provider = shanghai_day(credit.clock()), dice.choice([PROVINCIAL, OTHER])
        page = [
            told_apart(statement(dice, dice.choice(FIRMS), today), dice) for _ in range(dice.randrange(1, 5))
        ]
        known = [held for (owner, *_), held in in_force.items() if owner == provider.id]
        if known and dice.random() < 0.5:
            page.append(told_apart(revision(dice, dice.choice(known)), dice))
        for stated, line in zip(page, take(credit, *page, provider=provider), strict=True):
            key = (provider.id, stated["kind"], stated["source_record_id"])
            if line["verdict"] == "accepted":
                in_force[key] = stated
                if stated.get("operation") == "withdraw":
                    del in_force[key]


def replay(credit, events, until):
    """Take events of the journal up to an instant into a service, page by page; answers the rest."""
    rest = [event for event in events if instant_of(event) > until]
    told = [event for event in events if instant_of(event) <= until]
    for second, of_second in groupby(told, key=lambda event: instant_of(event).replace(microsecond=0)):
        credit.clock.now = second
        stated = [event for event in of_second if "subject" in event["data"]]
        if not stated:
            roll_cards(credit)  # only time changed letters
        # the journal keeps the order within a firm; a record that moved between firms is put in order by its versions
        stated.sort(key=lambda event: event["record_version"])
        for provider, records in groupby(stated, key=lambda event: event["provider"]):
            take(credit, *map(as_pushed, records), provider=PROVIDERS[provider])
    return rest


def instant_of(event):
    return datetime.fromisoformat(event["recorded_at"])


def as_pushed(event):
    return {name: value for name, value in event["data"].items() if name not in HEAD}


def then(credit, number, as_of, known_at, reach):
    with credit.database.read() as session:
        try:
            return graded_then(credit, session, code_of(number), Moment(as_of, known_at), reach)
        except MomentRefused as refused:
            return refused.code


def now_in(credit, number, day, reach):
    with credit.database.read() as session:
        return graded(credit, session, code_of(number), day, reach) or "known_at_before_file"


@pytest.mark.parametrize("seed", [20261123])
def test_random_moments_equal_a_replay_of_the_journal(credit, replayed, seed):
    dice = Random(seed)
    live_a_year(credit, dice)
    events, end = events_of(credit.database), credit.clock()
    assert {event["type"] for event in events} == {
        "record_upserted", "record_corrected", "record_withdrawn", "grade_changed"
    }  # fmt: skip
    span = int((end - START).total_seconds())
    cuts = sorted(START + timedelta(seconds=dice.randrange(span)) for _ in range(TRIPLES // 5))
    answers = set()
    for cut in cuts:
        events = replay(replayed, events, cut)
        for number in dice.sample(FIRMS, 5):
            day = date(2026, 1, 1) + timedelta(
                days=dice.randrange((shanghai_day(end) - date(2026, 1, 1)).days)
            )
            reach = dice.choice([None, EVERYTHING, CHECKS_ALONE])
            answer = then(credit, number, day, cut, reach)
            assert answer == now_in(replayed, number, day, reach), (number, day, cut)
            answers.add(answer)
    assert len(answers) > TRIPLES // 3  # the moments differ: it is no comparison of one answer with itself


def test_an_instant_alone_asks_about_its_own_day(credit):
    take(credit, penalty(1, occurred_on="2026-01-02"))
    first = credit.clock()
    credit.clock.advance(days=30)
    take(credit, penalty(1, occurred_on="2026-01-02", operation="withdraw", reason="revoked"))
    told = json.loads(then(credit, 1, None, first, None))
    assert (told["on"], told["grade"], told["enterprise_version"]) == ("2026-01-05", "B", 1)


def test_a_day_alone_asks_what_is_known_now_of_it(credit):
    credit.clock.advance(days=60)
    take(credit, penalty(1, occurred_on="2026-02-01"))
    grades = [json.loads(then(credit, 1, date(2026, month, 1), None, None))["grade"] for month in (1, 2)]
    assert grades == ["unrated", "B"]


def test_today_by_what_is_known_now_is_the_present_grade(credit):
    take(credit, registration(1), penalty(1, occurred_on="2026-01-02"), check(1, occurred_on="2026-01-03"))
    credit.clock.advance(seconds=1)
    today = shanghai_day(credit.clock())
    for reach in (None, EVERYTHING, CHECKS_ALONE):
        assert then(credit, 1, today, credit.clock(), reach) == now_in(credit, 1, today, reach)


def test_between_two_statements_of_one_page_only_the_first_was_known(credit):
    take(credit, check(1, "c-1", "2026-01-03"), check(1, "c-2", "2026-01-03"))
    events = events_of(credit.database, 1)
    told = json.loads(then(credit, 1, None, instant_of(events[0]), None))
    assert told["enterprise_version"] == 1


REFUSED = {
    "known_at_in_future": (None, START + timedelta(days=4000)),
    "as_of_in_future": (date(2036, 1, 1), None),
    "as_of_before_rules": (date(2025, 12, 31), None),
    "known_at_before_file": (None, START - timedelta(seconds=1)),
}


@pytest.mark.parametrize("code", REFUSED)
def test_a_moment_about_which_nothing_can_be_said_is_refused(credit, code):
    take(credit, check(1, occurred_on="2026-01-03"))
    assert then(credit, 1, *REFUSED[code], None) == code


def test_an_unknown_firm_has_no_past(credit):
    assert then(credit, 1, date(2026, 1, 5), None, None) is None

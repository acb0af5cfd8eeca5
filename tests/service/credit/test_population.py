"""Another rule book over a whole population: the simulation equals what happens, every letter is told once, every
percentile is right. In the suite a few hundred firms, with ZHIXIN_TEST_FULL_SIZE 100,000."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from itertools import pairwise
from random import Random
from threading import Event, Thread
from time import monotonic

import msgspec
import pytest

from services.credit.domain.activation import ActivationStep
from services.credit.domain.grade import format_points
from services.credit.domain.rulebook import parse_rulebook
from services.credit.domain.standing import FEWEST_PEERS
from services.credit.rulebook import released_text
from services.credit.service import activation
from services.credit.service.peers import standing
from services.credit.service.regrading import grading_by, members_of_card
from services.credit.service.simulation import simulate
from services.credit.store import grading, population, records
from services.credit.store.grading import Firms
from services.kernel.bulk import insert_rows
from tests.filing import events_of, registration, rows, take
from tests.random_files import AT_FULL_SIZE, enter, random_states

FIRMS = 100_000 if AT_FULL_SIZE else 600
pytestmark = pytest.mark.timeout(1_800)
PROVINCE = "430000"
TODAY = date(2026, 11, 23)
HEAD = (
    "record_id", "uscc", "provider", "kind", "source_record_id", "version", "current_version", "state", "occurred_on",
    "digest", "batch_no",
)  # fmt: skip
STATEMENT = (
    "record_id", "version", "uscc", "kind", "region", "occurred_on", "assertion", "effect", "state", "recorded_at",
    "batch_id", "content",
)  # fmt: skip
INDUSTRIES, PREFECTURES = (("13", "14", "20"), ("4301", "4303"))


def other_book():
    """The released book with other points."""
    text = released_text("2026-01").replace('id = "2026-01"', 'id = "2026-02"')
    for written, instead in {
        'start = "9.00"': 'start = "6.00"', 'most_lost = "9.00"': 'most_lost = "6.00"', 'at_least = "70.00"': 'at_least = "74.00"',
        'points = "3.00"': 'points = "5.00"',
    }.items():  # fmt: skip
        text = text.replace(written, instead)
    return text


def populate(credit):
    """Firms with random files, registered in a few industries and prefectures, with their cards; answers the groups."""
    dice, groups, heads, versions = Random(7), {}, [], []
    industries, prefectures = INDUSTRIES, PREFECTURES
    if AT_FULL_SIZE:  # some forty firms a group, as among a hundred industries in a province
        industries, prefectures = [f"{n:02}" for n in range(1, 98)], [f"43{n:02}" for n in range(1, 32)]
    states = sorted(random_states(FIRMS, seed=11), key=lambda state: state.uscc)
    for number, state in enumerate(states):
        industry, prefecture = dice.choice(industries), dice.choice(prefectures)
        groups[state.uscc] = (industry, prefecture)
        content = msgspec.json.encode({"details": {"industry_division": industry}}).decode()
        record_id, day, now = f"{number:032x}", date(2020, 5, 6), datetime(2026, 11, 1, tzinfo=UTC)
        heads.append(
            (
                record_id,
                state.uscc,
                "p",
                "enterprise_registration",
                str(number),
                1,
                1,
                "accepted",
                day,
                b"",
                1,
            )
        )
        versions.append(
            (record_id, 1, state.uscc, "enterprise_registration", f"{prefecture}02", day, "determined", "final", "accepted", now, "b", content)
        )  # fmt: skip
    enter(credit.database, states)
    with credit.database.write("test_populated") as session:
        insert_rows(session, records.RECORD, HEAD, heads)
        insert_rows(session, records.VERSION, STATEMENT, versions)
        book = credit.rulebook(session)
        form = members_of_card(book, PROVINCE)
        grading.write_cards(session, grading_by(book, TODAY, PROVINCE), form, Firms(after="", through="Z"))
    return groups


def graded(credit, book):
    found = rows(credit.database, "SELECT uscc, letter, score FROM card WHERE rulebook = :book", book=book)
    return {code: (letter, score) for code, letter, score in found}


class Pusher(Thread):
    """Pushes one record after another while something else goes on, and keeps the longest time that one took."""

    def __init__(self, credit):
        super().__init__(daemon=True)
        self.credit, self.over, self.longest, self.pushed = credit, Event(), 0.0, 0

    def run(self):
        while not self.over.wait(0.02):  # others come to write too
            began, self.pushed = monotonic(), self.pushed + 1
            take(self.credit, registration(90_000 + self.pushed % 50, f"pushed-{self.pushed}"))
            self.longest = max(self.longest, monotonic() - began)


def test_a_simulation_of_a_whole_population_equals_its_activation_and_percentiles_are_right(credit, capsys):
    groups = populate(credit)
    times = {"began": monotonic()}
    foretold, _, _ = simulate(credit, parse_rulebook(other_book()))
    times["simulated"] = monotonic()
    before = graded(credit, "2026-01")
    assert activation.ask(credit, other_book(), "演示甲") is ActivationStep.PROPOSE
    assert activation.ask(credit, other_book(), "演示乙") is ActivationStep.CONFIRM
    times["asked"] = monotonic()
    pusher = Pusher(credit)
    pusher.start()
    activation.build(credit)
    times["built"], built_while = monotonic(), (pusher.pushed, pusher.longest)
    pusher.longest = 0.0
    done = activation.switch(credit)
    times["switched"] = monotonic()
    pusher.over.set()
    pusher.join()

    after = graded(credit, "2026-02")
    assert foretold.firms == FIRMS
    assert foretold.matrix == Counter((before[code][0], after[code][0]) for code in before)
    assert foretold.changed == done.changed > FIRMS / 20
    sizes = sorted(
        (-abs((before[code][1] or 0) - (after[code][1] or 0)), code)
        for code in before
        if before[code] != after[code]
    )[:50]
    assert [(-mover.size, mover.uscc) for mover in foretold.movers()] == sizes
    told = Counter()
    for event in events_of(credit.database):
        if event["type"] == "grade_changed" and event["data"]["cause"] == "rulebook":
            told[event["uscc"], event["data"]["from"], event["data"]["to"]] += 1
    assert told == Counter(
        (code, before[code][0], after[code][0]) for code in before if before[code][0] != after[code][0]
    )
    versions = rows(
        credit.database,
        "SELECT e.version, c.body FROM enterprise e JOIN card c ON c.uscc = e.uscc AND c.rulebook = '2026-02'",
    )
    told_versions = [(version, msgspec.json.decode(body)["enterprise_version"]) for version, body in versions]
    assert [pair for pair in told_versions if pair[0] != pair[1]] == []
    with credit.database.read() as session:
        assert population.behind(session, "2026-02", "2026-02") == []
    times["compared"] = monotonic()
    assert wrong_percentiles(credit, groups, after) == []
    times["placed"] = monotonic()
    if AT_FULL_SIZE:
        with capsys.disabled():
            steps = list(times)
            print()
            for earlier, later in pairwise(steps):
                print(f"{later}: {times[later] - times[earlier]:.2f} s")
            print(
                f"{done.changed} changed; {built_while[0]} pushes while built, slowest {built_while[1]:.2f} s;"
                f" slowest push about the switch {pusher.longest:.2f} s"
            )


def wrong_percentiles(credit, groups, after):
    """The firms whose place is not what a count over all firms of their group says."""
    scores = defaultdict(list)
    for code, group in groups.items():
        if after[code][1] is not None:
            scores[group].append(after[code][1])
    for listed in scores.values():
        listed.sort()
    wrong = []
    with credit.database.read() as session:
        for code, group in groups.items():
            listed, own = scores[group], after[code][1]
            expected = None
            if own is not None and len(listed) >= FEWEST_PEERS:
                below, through = bisect_left(listed, own), bisect_right(listed, own)
                expected = format_points(((below + through) * 10_000 + len(listed)) // (2 * len(listed)))
            told = standing(credit, session, code)
            if (told["percentile"], told["n"]) != (expected, len(listed)):
                wrong.append((code, told, expected))
    return wrong

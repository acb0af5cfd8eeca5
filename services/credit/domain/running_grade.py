"""A grade that runs along a file's history: each change of a record or of the day is worked out by itself.

What `domain/grade.py` finds by looking at a whole file, this keeps up to date; a test holds the two against each other.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from heapq import heappop, heappush
from typing import NamedTuple

from services.credit.domain.facts import UNBOUND, Bond, Fact
from services.credit.domain.grade import (
    FALLEN,
    IN_FORCE,
    UNRATED,
    Contribution,
    Veto,
    letter_of,
    score_of,
    veto_of,
)
from services.credit.domain.months import LAST_ORDINAL
from services.credit.domain.rules import Program, RuleBook


class Level(NamedTuple):
    """What a grade comes to: letter, score in hundredths (none when unrated), and whether it is provisional."""

    letter: str
    score: int | None
    provisional: bool


class Part(NamedTuple):
    """What the record that speaks for an act does to a grade on a day, and the last day on which it stays so. `place`
    is that of its pillar; a disputed one has no contribution."""

    occurred_on: int
    until: int
    contribution: Contribution | None = None
    veto: Veto | None = None
    disputed: bool = False
    place: int = 0
    rank: int = 0


class _Speaker(NamedTuple):
    """The statement that speaks for an act: its authority's own, else the earliest."""

    occurred_on: int
    record_id: str
    valid_until: int | None
    disputed: bool
    program: Program
    bond: Bond


class RunningGrade:
    """The grade of one file by one book, as records come and go and days pass. Days only go on."""

    def __init__(self, book: RuleBook, on: date, facts: Iterable[Fact] = ()) -> None:
        self.book = book
        self._today = on.toordinal()
        self._acts: dict[str, dict[str, Fact]] = {}
        self._act_of: dict[str, str] = {}
        self._speakers: dict[str, _Speaker] = {}
        self._offences: dict[str, dict[str, _Speaker]] = {}
        self._parts: dict[str, Part] = {}
        self._before: dict[str, Part | None] = {}
        self._ends: list[tuple[int, str]] = []
        self._gained = [0] * len(book.pillars)
        self._lost = [0] * len(book.pillars)
        self._ranks: Counter[int] = Counter()
        self._counted = self._disputed = 0
        for fact in facts:
            self.put(fact.record_id, fact)
        self._before.clear()

    @property
    def level(self) -> Level:
        """What the grade comes to on the day reached."""
        if not self._counted:
            return Level(UNRATED, None, self._disputed > 0)
        score, _ = score_of(self.book, self._gained, self._lost)
        return Level(letter_of(self.book, score, max(self._ranks, default=0)), score, self._disputed > 0)

    @property
    def next_change_on(self) -> date | None:
        """The first later day on which time changes anything."""
        while self._ends and not self._is_current(*self._ends[0]):
            heappop(self._ends)
        return date.fromordinal(self._ends[0][0] + 1) if self._ends else None

    def move(self, on: date) -> None:
        """Go on to a day."""
        self._today = on.toordinal()
        while self._ends and self._ends[0][0] < self._today:
            until, record_id = heappop(self._ends)
            if self._is_current(until, record_id):
                self._place(record_id, self._speakers.get(self._act_of.get(record_id, "")))

    def put(self, record_id: str, fact: Fact | None) -> None:
        """Take the fact of a record in place of what it was; none takes it away."""
        former = self._act_of.pop(record_id, None)
        if former is not None:
            del self._acts[former][record_id]
            self._hear(former)
        if fact is not None and fact.assertion == "determined" and fact.kind in self.book.choices:
            # a record whose document has no number stands for itself: its id is no act's key
            number = (fact.bond.act if fact.bond else None) or fact.act
            act = f"act {number}" if number is not None else f"record {record_id}"
            self._act_of[record_id] = act
            self._acts.setdefault(act, {})[record_id] = fact
            self._hear(act)

    def differences(self) -> Iterator[tuple[str, Part | None, Part | None]]:
        """Each record whose part changed since this was last asked, with its part before and now."""
        before, self._before = self._before, {}
        for record_id, part in before.items():
            if part != self._parts.get(record_id):
                yield record_id, part, self._parts.get(record_id)

    @property
    def parts(self) -> dict[str, Part]:
        """Every record that does anything now or will."""
        return dict(self._parts)

    def _hear(self, act: str) -> None:
        """Let one statement speak for an act."""
        former, speaker = self._speakers.pop(act, None), self._speaker_of(act)
        if former is not None:
            self._take_away(former)
        if speaker is not None:
            self._speakers[act] = speaker
            if (offence := speaker.bond.offence) is None:
                self._place(speaker.record_id, speaker)
            else:
                self._offences.setdefault(offence, {})[speaker.record_id] = speaker
                self._settle(offence)

    def _take_away(self, speaker: _Speaker) -> None:
        self._place(speaker.record_id, None)
        if (offence := speaker.bond.offence) is not None:
            del self._offences[offence][speaker.record_id]
            self._settle(offence)

    def _settle(self, offence: str) -> None:
        """Of the documents on one offence the one that a person chose counts, else the earliest."""
        speakers = self._offences[offence].values()
        chosen = min(speakers, key=lambda each: (not each.bond.leads, each[:2]), default=None)
        for speaker in speakers:
            self._place(speaker.record_id, speaker if speaker is chosen else None)

    def _speaker_of(self, act: str) -> _Speaker | None:
        facts = self._acts[act].values()
        is_numbered = act.startswith("act ")
        if is_numbered and any(fact.effect in FALLEN for fact in facts):
            return None
        is_told = is_numbered and any(not (fact.bond and fact.bond.secondhand) for fact in facts)
        in_force = [fact for fact in facts if fact.effect in IN_FORCE]
        found = []
        for fact in in_force:
            bond = fact.bond or UNBOUND
            program = self.book.choices[fact.kind](fact.attributes) if fact.responsible else None
            if program is not None and not (is_told and bond.secondhand):
                found.append(
                    _Speaker(fact.occurred_on, fact.record_id, fact.valid_until, fact.disputed, program, bond)
                )
        if not found:
            return None
        first = min(found, key=lambda each: each[:2])
        return first._replace(disputed=any(fact.disputed for fact in in_force))

    def _place(self, record_id: str, speaker: _Speaker | None) -> None:
        part = self._part_of(speaker) if speaker is not None else None
        former = self._parts.pop(record_id, None)
        self._before.setdefault(record_id, former)
        if former is not None:
            self._count(former, -1)
        if part is not None:
            self._count(part, 1)
            self._parts[record_id] = part
            if part.until < LAST_ORDINAL:
                heappush(self._ends, (part.until, record_id))

    def _part_of(self, speaker: _Speaker) -> Part | None:
        occurred_on, record_id, valid_until, disputed, program, _ = speaker
        steps, last, ceiling_until = program.schedule[occurred_on]
        last = last if valid_until is None else min(last, valid_until)
        if last < self._today or last < occurred_on:
            return None
        if occurred_on > self._today:
            return Part(occurred_on, occurred_on - 1)
        if disputed:
            return Part(occurred_on, last, disputed=True)
        end, points = next(step for step in steps if step[0] >= self._today)
        until, veto = min(last, end), None
        if ceiling_until >= self._today:
            until, veto = min(until, ceiling_until), veto_of(record_id, program, min(ceiling_until, last))
        contribution = Contribution(record_id, program.pillar, points, program.rule, program.basis)
        return Part(occurred_on, until, contribution, veto, False, program.place, program.ceiling_rank)

    def _count(self, part: Part, sign: int) -> None:
        self._disputed += sign * part.disputed
        if part.contribution is not None:
            points = part.contribution.points
            self._counted += sign
            (self._lost if points < 0 else self._gained)[part.place] += sign * points
        if part.veto is not None:
            self._ranks[part.rank] += sign
            if not self._ranks[part.rank]:
                del self._ranks[part.rank]

    def _is_current(self, until: int, record_id: str) -> bool:
        part = self._parts.get(record_id)
        return part is not None and part.until == until

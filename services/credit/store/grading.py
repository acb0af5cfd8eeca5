"""Grading many firms by one statement, made from the same rule data as `domain/grade.py` and equal to it in every byte.

It says in SQL what the function says in Python, in integers alone: which rule a fact falls under, which statement speaks
for an act, what it counts on a day and until when, and the card's text. What the databases say in different words stands
in `grading_postgres.py` and `grading_sqlite.py`.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import bindparam, text

from services.credit.domain.facts import Fact
from services.credit.domain.grade import FALLEN, IN_FORCE, UNRATED
from services.credit.domain.months import LAST_ORDINAL
from services.credit.domain.rules import RuleBook
from services.credit.store.grading_postgres import POSTGRES
from services.credit.store.grading_sqlite import SQLITE
from services.credit.store.grading_words import Binds, Words
from services.credit.store.rule_choice import rule_of
from services.kernel.db import AnySession, WriteSession

_encode: Final = msgspec.json.Encoder().encode
_CARD: Final = (
    "uscc", "rulebook", "letter", "score", "valid_from", "next_change_on", "next_until", "body", "next_body"
)  # fmt: skip
_STATED: Final[dict[str, tuple[str, tuple[int, ...]]]] = {
    "record_id": ("text", (0,)),
    "kind": ("text", (1,)),
    "occurred_on": ("integer", (2,)),
    "valid_until": ("integer", (3,)),
    "effect": ("text", (5,)),
    "responsible": ("boolean", (6,)),
    "own_act": ("text", (7,)),
    "disputed": ("boolean", (8,)),
    "attributes": ("object", (9,)),
    "is_copy": ("boolean", (10, 0)),
    "linked_act": ("text", (10, 1)),
    "offence": ("text", (10, 2)),
    "leads": ("boolean", (10, 3)),
}
"""The members of a fact and of its bond (`domain/facts.py`), by type and place; the assertion is only asked for."""


class Firms(NamedTuple):
    """Which firms: those of the codes, or those after one code through another."""

    codes: Sequence[str] | None = None
    after: str = ""
    through: str = ""


class Unstored(NamedTuple):
    """Facts of kinds that only the book in question looks at: they take the place of what is stored of these kinds."""

    kinds: Sequence[str] = ()
    facts: Sequence[tuple[str, Fact]] = ()


ALL_STORED: Final = Unstored()


class Grading(NamedTuple):
    """By which book, on which day, and who is not graded: firms whose code names one of the regions `outside`."""

    book: RuleBook
    on: date
    outside: Sequence[str]


class Members(NamedTuple):
    """The members of a card's text in order: what is the same for all firms as JSON, None for what is not."""

    of_card: Sequence[tuple[str, bytes | None]]
    ahead: timedelta
    """How soon the next change must be for the text after it to be made too."""


COMPUTED: Final = frozenset(
    {
        "uscc", "name", "grade", "score", "provisional", "pillars", "vetoes", "out_of_province", "next_change_on",
        "enterprise_version",
    }
)  # fmt: skip
"""The members of a card that differ from firm to firm."""
SUCCESSORS: Final = ',"succeeded_by":["'
END_OF_LIST: Final = '"]'
"""Around the codes to which that of a firm that ceased points; a card of any other firm says nothing of it."""


def letters_and_scores(
    session: AnySession, grading: Grading, firms: Firms, unstored: Unstored = ALL_STORED
) -> list[tuple[str, str, int | None]]:
    """Code, letter and score of each firm, in order of code."""
    query = _Query(grading, _words(session), firms, unstored)
    chosen = f"SELECT uscc, {query.letter('scored1')}, score FROM scored1 ORDER BY uscc"
    return [
        (uscc, letter, score) for uscc, letter, score in query.run(session, f"WITH {query.parts()} {chosen}")
    ]


def cards_of(session: AnySession, grading: Grading, members: Members, firms: Firms) -> list[tuple[Any, ...]]:
    """The cards of firms as the table keeps them, in order of code."""
    query = _Query(grading, _words(session), firms, ALL_STORED)
    return [tuple(row) for row in query.run(session, f"{query.cards(members)} ORDER BY a.uscc")]


def write_cards(
    session: WriteSession, grading: Grading, members: Members, firms: Firms, *, instead_of: str | None = None
) -> None:
    """Make the cards of firms under a book, in the place of those that they have under it.

    `instead_of` is the book that the new one will take over from: a card whose letter differs from that book's bears the
    next version of its firm, which will tell of the change.
    """
    query = _Query(grading, _words(session), firms, ALL_STORED, instead_of)
    kept = ", ".join(f"{name} = excluded.{name}" for name in _CARD[2:])
    query.run(
        session,
        f"INSERT INTO card ({', '.join(_CARD)}) {query.cards(members)} WHERE true"
        f" ON CONFLICT (uscc, rulebook) DO UPDATE SET {kept}",
    )


def _words(session: AnySession) -> Words:
    return SQLITE if session.connection().dialect.name == "sqlite" else POSTGRES


class _Query:
    """One statement in the making."""

    def __init__(
        self, grading: Grading, words: Words, firms: Firms, unstored: Unstored, instead_of: str | None = None
    ) -> None:
        self._book, self._on, self._outside = grading
        self._words, self._firms, self._unstored, self._instead_of = words, firms, unstored, instead_of
        self._bind = Binds()
        self._steps = max((len(rule.decay) + 1 for rule in self._book.rules), default=1)

    def run(self, session: AnySession, statement: str) -> Iterable[Any]:
        connection, settings = session.connection(), self._words.settings
        for name, value in settings.items():
            connection.exec_driver_sql(f"SET LOCAL {name} TO {value}")
        bound = text(statement).bindparams(
            *(bindparam(name, value) for name, value in self._bind.values.items())
        )
        found = connection.execute(bound)
        for name in settings:  # what follows in the transaction is planned as ever
            connection.exec_driver_sql(f"SET LOCAL {name} TO DEFAULT")
        return found

    def cards(self, members: Members) -> str:
        near = (self._on + members.ahead).toordinal() if members.ahead else 0
        following = f"SELECT uscc, until + 1 AS day FROM scored1 WHERE until < {min(near, LAST_ORDINAL)}"
        parts = ", ".join([self.parts(), *self._graded(2, following)])
        book = self._bind(self._book.id)
        return (
            f"WITH {parts} SELECT a.uscc, {book}, {self.letter('a')}, a.score, {self._day('a.day')}, {self._change('a')},"
            f" {self._change('b')}, {self._body('a', members)}, {self._body('b', members)}"
            f" FROM scored1 a JOIN firm f ON f.uscc = a.uscc LEFT JOIN scored2 b ON b.uscc = a.uscc{self._held()}"
        )

    def _held(self) -> str:
        if self._instead_of is None:
            return ""
        return (
            f" LEFT JOIN card held ON held.uscc = a.uscc AND held.rulebook = {self._bind(self._instead_of)}"
        )

    def _version(self) -> str:
        """The firm's version, or the next one, which tells of the letter that another book changes."""
        if self._instead_of is None:
            return "CAST(f.version AS TEXT)"
        is_told = f"CASE WHEN held.letter <> {self.letter('a')} THEN 1 ELSE 0 END"
        return f"CAST(f.version + {is_told} AS TEXT)"

    def parts(self) -> str:
        """The named parts of the statement, through the grade on the day in question."""
        # SQLite takes what it meets for the first time for small, and would look through all of it for each firm
        met = "(SELECT count(*) AS statements FROM statement) AS met_first"
        today = f"SELECT uscc, {self._on.toordinal()} AS day FROM firm CROSS JOIN {met}"
        return ", ".join([*self._file(), *self._graded(1, today)])

    def _file(self) -> Iterator[str]:
        """What a file says whatever the day: one statement an act, with its rule and the days of its schedule."""
        words, book = self._words, self._book
        in_force, fallen = self._listed(sorted(IN_FORCE)), self._listed(sorted(FALLEN))
        chosen = (
            f"uscc IN {words.listed(self._bind, self._firms.codes)}"
            if self._firms.codes is not None
            else f"uscc > {self._bind(self._firms.after)} AND uscc <= {self._bind(self._firms.through)}"
        )
        yield (
            "firm AS MATERIALIZED (SELECT uscc, version, facts, succeeded_by, coalesce(nullif(name, ''), uscc) AS name,"
            f" CASE WHEN substr(uscc, 3, 6) IN {words.listed(self._bind, self._outside)} THEN 1 ELSE 0 END AS is_outside"
            f" FROM enterprise WHERE version > 0 AND {chosen})"
        )
        yield f"stated AS ({' UNION ALL '.join(self._stated())})"
        yield (
            "judged AS (SELECT uscc, record_id, occurred_on, valid_until, disputed, offence,"
            " coalesce(nullif(linked_act, ''), own_act) AS act, coalesce(is_copy, 0) AS is_copy, coalesce(leads, 0) AS leads,"
            f" CASE WHEN effect IN {in_force} AND disputed = 1 THEN 1 ELSE 0 END AS contests,"
            f" CASE WHEN effect IN {fallen} THEN 1 ELSE 0 END AS falls,"
            f" CASE WHEN effect IN {in_force} AND responsible = 1 THEN {rule_of(book, words, self._bind)} END AS rule FROM stated)"
        )
        yield (
            "heard AS (SELECT uscc, record_id, occurred_on, valid_until, act, offence, leads,"
            " CASE WHEN act IS NULL THEN disputed ELSE max(contests) OVER same_act END AS disputed,"
            " max(falls) OVER same_act AS falls,"
            " CASE WHEN is_copy = 0 OR act IS NULL OR min(is_copy) OVER same_act = 1 THEN rule END AS rule"
            " FROM judged WINDOW same_act AS (PARTITION BY uscc, act))"
        )
        first = f"ORDER BY occurred_on, record_id{words.by_code}"
        yield (
            "ranked AS (SELECT uscc, record_id, occurred_on, valid_until, act, rule, disputed, falls, offence, leads,"
            f" row_number() OVER (PARTITION BY uscc, act, rule IS NULL {first}) AS place FROM heard)"
        )
        yield (
            "spoken AS (SELECT uscc, record_id, occurred_on, valid_until, rule, disputed, offence,"
            f" row_number() OVER (PARTITION BY uscc, offence {first.replace('BY', 'BY leads DESC,')}) AS place FROM ranked"
            " WHERE rule IS NOT NULL AND (act IS NULL OR (falls = 0 AND place = 1)))"
        )
        yield (
            "eligible AS MATERIALIZED (SELECT uscc, record_id, occurred_on, valid_until, rule, disputed FROM spoken"
            " WHERE offence IS NULL OR place = 1)"
        )
        yield from self._schedules()

    def _stated(self) -> Iterator[str]:
        kinds, unstored = sorted(self._book.choices), self._unstored
        if stored := [kind for kind in kinds if kind not in unstored.kinds]:
            yield self._select_stated(f"firm f {self._words.elements('f.facts')}", stored)
        if unstored.facts:
            given = self._bind(_encode(unstored.facts).decode())
            yield self._select_stated(
                f"{self._words.pairs(given)} CROSS JOIN firm f", kinds, " AND f.uscc = x.uscc"
            )
        if not stored and not unstored.facts:
            yield self._select_stated(f"firm f {self._words.elements('f.facts')}", [""])

    def _select_stated(self, source: str, kinds: Sequence[str], joined: str = "") -> str:
        member = self._words.member
        sought = (
            f"f.is_outside = 0 AND {member('text', 1)} IN {self._listed(kinds)}"
            f" AND {member('text', 4)} = {self._bind('determined')}"
        )
        columns = ", ".join(
            f"{member(type_, *places)} AS {name}" for name, (type_, places) in _STATED.items()
        )
        return f"SELECT f.uscc, {columns} FROM {source} WHERE {sought}{joined}"

    def _schedules(self) -> Iterator[str]:
        """What each rule makes of each day of occurrence, worked out once for each: the same as `Program.schedule`."""
        steps = range(1, self._steps + 1)
        months, points = _each("months", steps), _each("points", steps)
        yield f"rule (no, place, {months}, {points}, ceiling_months, ceiling_rank) AS (VALUES {self._rules()})"
        yield (
            f"met AS (SELECT e.*, r.place, {_each('r.months', steps)}, {_each('r.points', steps)}, r.ceiling_months,"
            " r.ceiling_rank, row_number() OVER (PARTITION BY e.rule, e.occurred_on ORDER BY e.uscc) AS nth"
            " FROM eligible e JOIN rule r ON r.no = e.rule)"
        )
        end_of = self._words.end_of_period
        ends = "".join(
            f", CASE WHEN nth = 1 THEN {end_of('occurred_on', f'months{step}')} END AS found{step}"
            for step in steps
        )
        ceiling = (
            f"CASE WHEN nth = 1 AND ceiling_months > 0 THEN {end_of('occurred_on', 'ceiling_months')} END"
        )
        yield f"dated AS (SELECT met.*{ends}, {ceiling} AS found_ceiling FROM met)"
        spread = "".join(f", max(found{step}) OVER same AS end{step}" for step in steps)
        yield (
            f"statement AS MATERIALIZED (SELECT uscc, record_id, occurred_on, valid_until, disputed, place, {points},"
            f" ceiling_rank, coalesce(max(found_ceiling) OVER same, 0) AS ceiling_until{spread}"
            " FROM dated WINDOW same AS (PARTITION BY rule, occurred_on))"
        )

    def _rules(self) -> str:
        """Each rule's steps, the last one repeated where another rule has more of them."""
        pillars = [pillar.id for pillar in self._book.pillars]
        letters = [band.letter for band in self._book.scale]
        rows = []
        for number, rule in enumerate(self._book.rules):
            months = [step.after_months for step in rule.decay] + [rule.use_months]
            points = [rule.points] + [step.points for step in rule.decay]
            more = self._steps - len(months)
            ceiling = (rule.ceiling.months, letters.index(rule.ceiling.letter)) if rule.ceiling else (0, 0)
            row = (
                number, pillars.index(rule.pillar), *months, *[months[-1]] * more, *points, *[points[-1]] * more, *ceiling
            )  # fmt: skip
            rows.append(f"({', '.join(map(str, row))})")
        return ", ".join(rows or [f"({', '.join(['-1', *['0'] * (2 * self._steps + 3)])})"])

    def _graded(self, number: int, days: str) -> Iterator[str]:
        """The grades of firms on a day each."""
        steps, least = range(1, self._steps), self._words.least
        step = "".join(f" WHEN s.end{place} >= m.day THEN s.{{0}}{place}" for place in steps)
        on_day = f"CASE{step} ELSE s.{{0}}{self._steps} END" if step else f"s.{{0}}{self._steps}"
        yield f"moment{number} AS MATERIALIZED ({days})"
        last = f"{least}(s.end{self._steps}, coalesce(s.valid_until, {LAST_ORDINAL}))"
        yield (
            f"live{number} AS MATERIALIZED (SELECT s.uscc, s.record_id, s.occurred_on, s.place, s.disputed, {last} AS last,"
            " CASE WHEN s.occurred_on > m.day THEN 0 WHEN s.disputed = 1 THEN 1 ELSE 2 END AS counts,"
            f" {on_day.format('points')} AS points, {on_day.format('end')} AS step_end,"
            " CASE WHEN s.ceiling_until >= m.day AND s.occurred_on <= m.day AND s.disputed = 0 THEN s.ceiling_until ELSE 0 END"
            " AS ceiling_until, s.ceiling_rank,"
            f" CASE WHEN {last} >= m.day AND {last} >= s.occurred_on THEN 1 ELSE 0 END AS is_live"
            f" FROM moment{number} m LEFT JOIN statement s ON s.uscc = m.uscc)"
        )
        yield f"vetoed{number} AS ({self._vetoes(number)})"
        sums = ", ".join(
            f"sum(CASE WHEN counts = 2 AND place = {place} AND points {side} 0 THEN points ELSE 0 END) AS {name}{place}"
            for place in range(len(self._book.pillars))
            for name, side in (("gained", ">"), ("lost", "<"))
        )
        until = (
            f"{least}(last, step_end, CASE WHEN ceiling_until > 0 THEN ceiling_until ELSE {LAST_ORDINAL} END)"
        )
        yield (
            f"summed{number} AS (SELECT uscc, max(counts) AS counts,"
            " max(CASE WHEN counts = 1 THEN 1 ELSE 0 END) AS provisional,"
            " max(CASE WHEN ceiling_until > 0 THEN ceiling_rank ELSE 0 END) AS worst,"
            f" min(CASE counts WHEN 0 THEN occurred_on - 1 WHEN 1 THEN last ELSE {until} END) AS until, {sums}"
            f" FROM live{number} WHERE is_live = 1 GROUP BY uscc)"
        )
        pillars = [
            f"{pillar.start} + {least}(gained{place}, {pillar.most_gained}) - {least}(-lost{place}, {pillar.most_lost})"
            for place, pillar in enumerate(self._book.pillars)
        ]
        each = "".join(f", {score} AS pillar{place}" for place, score in enumerate(pillars))
        yield (
            f"scored{number} AS MATERIALIZED (SELECT m.uscc, m.day, coalesce(s.until, {LAST_ORDINAL}) AS until,"
            " coalesce(s.provisional, 0) AS provisional, s.worst, v.vetoes,"
            f" CASE WHEN s.counts = 2 THEN {' + '.join(pillars)} END AS score{each}"
            f" FROM moment{number} m LEFT JOIN summed{number} s ON s.uscc = m.uscc"
            f" LEFT JOIN vetoed{number} v ON v.uscc = m.uscc)"
        )

    def _vetoes(self, number: int) -> str:
        least, day_text = self._words.least, self._words.day_text
        letters = [band.letter for band in self._book.scale]
        before = self._choice(
            "ceiling_rank", [b'{"ceiling":%b,"until":"' % _encode(each) for each in letters]
        )
        ends = day_text(f"{least}(ceiling_until, last)")
        after = self._bind('"}')
        each = f"{before} || {ends} || {after}"
        return (
            f"SELECT DISTINCT uscc, {self._words.joined}({each}, ',') OVER (PARTITION BY uscc"
            f" ORDER BY occurred_on, record_id{self._words.by_code}"
            " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS vetoes"
            f" FROM live{number} WHERE is_live = 1 AND ceiling_until > 0"
        )

    def letter(self, alias: str) -> str:
        """The letter of a score, or the ceiling's where that is worse."""
        bands = self._book.scale
        rank = "".join(
            f" WHEN {alias}.score >= {band.at_least} THEN {place}" for place, band in enumerate(bands)
        )
        worse = f"{self._words.greatest}(CASE{rank} END, coalesce({alias}.worst, 0))"
        given = self._choice(worse, [band.letter.encode() for band in bands])
        return f"CASE WHEN {alias}.score IS NULL THEN {self._bind(UNRATED)} ELSE {given} END"

    def _body(self, alias: str, members: Members) -> str:
        """A card's text; null where the alias has no row."""
        computed = {
            "uscc": f"{self._words.json_text(f'{alias}.uscc')}",
            "name": self._words.json_text("f.name"),
            "grade": self._words.json_text(self.letter(alias)),
            "score": f"coalesce({self._points(f'{alias}.score')}, 'null')",
            "provisional": _truth(f"{alias}.provisional = 1"),
            "pillars": self._pillars(alias),
            "vetoes": f"'[' || CASE WHEN {alias}.score IS NULL THEN '' ELSE coalesce({alias}.vetoes, '') END || ']'",
            "out_of_province": _truth("f.is_outside = 1"),
            "next_change_on": f"CASE WHEN {alias}.until = {LAST_ORDINAL} THEN 'null'"
            f" ELSE {self._quoted(self._words.day_text(f'{alias}.until + 1'))} END",
            "enterprise_version": self._version(),
        }
        shown, before = [], b"{"
        for name, constant in members.of_card:
            before += _encode(name) + b":"
            if constant is None:
                shown += [self._bind(before.decode()), computed[name]]
                before = b","
            else:
                before += constant + b","
        shown.append(self._bind(before.decode().removesuffix(",")))
        codes = """replace(f.succeeded_by, ',', '","')"""
        listed = f"{self._bind(SUCCESSORS)} || {codes} || {self._bind(END_OF_LIST)}"
        shown += [f"CASE WHEN f.succeeded_by IS NULL THEN '' ELSE {listed} END", self._bind("}")]
        whole = f"({' || '.join(shown)})"
        return f"CASE WHEN {alias}.uscc IS NOT NULL THEN {whole} END"

    def _pillars(self, alias: str) -> str:
        shown = []
        for place, pillar in enumerate(self._book.pillars):
            before = self._bind(f'{{"id":{_encode(pillar.id).decode()},"score":')
            after = self._bind(f',"max":"{_decimal(pillar.maximum)}"}}')
            shown.append(f"{before} || {self._points(f'{alias}.pillar{place}')} || {after}")
        each = " || ',' || ".join(shown)
        return f"'[' || CASE WHEN {alias}.score IS NULL THEN '' ELSE {each} END || ']'"

    def _points(self, hundredths: str) -> str:
        """Hundredths that are not below nought, as a decimal in quotation marks."""
        part = f"CASE WHEN {hundredths} % 100 < 10 THEN '0' ELSE '' END || CAST({hundredths} % 100 AS TEXT)"
        return self._quoted(f"CAST({hundredths} / 100 AS TEXT) || '.' || {part}")

    def _quoted(self, expression: str) -> str:
        return f"""('"' || {expression} || '"')"""

    def _choice(self, rank: str, texts: Sequence[bytes]) -> str:
        cases = "".join(f" WHEN {place} THEN {self._bind(each.decode())}" for place, each in enumerate(texts))
        return f"CASE {rank}{cases} END"

    def _day(self, ordinal: str) -> str:
        return self._words.day(ordinal)

    def _change(self, alias: str) -> str:
        return f"CASE WHEN {alias}.until < {LAST_ORDINAL} THEN {self._day(f'{alias}.until + 1')} END"

    def _listed(self, values: Sequence[str]) -> str:
        return f"({', '.join(map(self._bind, values))})"


def _each(name: str, steps: Iterable[int]) -> str:
    return ", ".join(f"{name}{step}" for step in steps)


def _truth(condition: str) -> str:
    return f"CASE WHEN {condition} THEN 'true' ELSE 'false' END"


def _decimal(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}"

"""Reading a rule book (评价规则) from its text, and refusing one that could do wrong, with every fault and its line."""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Final

from services.credit.domain.facts import FIELDS, Field
from services.credit.domain.rule_faults import RuleFault
from services.credit.domain.rules import (
    OPERATORS,
    WHOLE_SHARE,
    Band,
    Ceiling,
    Condition,
    Name,
    Period,
    Pillar,
    Rule,
    RuleBook,
    Step,
)
from services.credit.domain.toml_lines import line_numbers
from services.credit.domain.toml_table import Faults, Table

__all__ = ["RuleBook", "RuleBookError", "RuleFault", "parse_rulebook", "read_rulebook"]

FULL_SCORE: Final = 100_00
"""What the maxima of all pillars make together, in hundredths."""

LONGEST_PERIOD: Final = 240
"""Months; a longer period of use is a slip of the pen."""

_SYNTAX_PLACE: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


class RuleBookError(ValueError):
    """A rule book that is refused, with all its faults."""

    def __init__(self, faults: tuple[RuleFault, ...]) -> None:
        super().__init__(
            "\n".join(
                f"line {found.line or '?'}: {found.path or 'text'}: {found.message}" for found in faults
            )
        )
        self.faults = faults


def parse_rulebook(text: str) -> RuleBook:
    """The rule book that a TOML text declares; its `digest` is the SHA-256 of the text in UTF-8.

    Raises:
        RuleBookError: with every fault that could be found, by line.
    """
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, brackets without end
        raise RuleBookError((_syntax_fault(str(error), text),)) from error
    faults = Faults(line_numbers(text))
    book = _read_book(Table(values, "", faults), hashlib.sha256(text.encode()).hexdigest(), faults)
    if book is None:
        raise RuleBookError(faults.in_order())
    return book


def read_rulebook(raw: bytes) -> RuleBook:
    """The rule book in the bytes of a file.

    Raises:
        RuleBookError: with every fault that could be found, by line.
    """
    try:
        return parse_rulebook(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise RuleBookError((RuleFault(line, "", "encoding_invalid"),)) from error


def _syntax_fault(message: str, text: str) -> RuleFault:
    place = _SYNTAX_PLACE.search(message)
    line = int(place[1]) if place and place[1] else len(text.splitlines())
    return RuleFault(line, "", "toml_invalid", {"reason": _SYNTAX_PLACE.sub("", message)})


def _read_book(table: Table, digest: str, faults: Faults) -> RuleBook | None:
    book_id, title = table.text("id"), _read_name(table, "title")
    valid_from = table.day("valid_from")
    valid_until = _read_valid_until(table, valid_from)
    scale = _read_scale(table)
    pillars = _read_pillars(table)
    periods = _read_periods(table)
    rules = _read_rules(table, scale, pillars, periods)
    low_grades_basis = _read_low_grades_basis(table)
    table.close()
    if faults.in_order():
        return None
    return RuleBook(
        book_id, title, digest, valid_from, valid_until, scale, pillars, periods, rules, low_grades_basis
    )


def _read_low_grades_basis(table: Table) -> str | None:
    """The legal basis on which grades below the one that every firm starts with are published (国办发〔2020〕49号)."""
    if not table.has("publication"):
        return None
    publication = table.table("publication")
    basis = publication.text("low_grades_basis")
    publication.close()
    return basis


def _read_valid_until(table: Table, valid_from: date) -> date | None:
    if not table.has("valid_until"):
        return None
    valid_until = table.day("valid_until")
    if date.min < valid_until < valid_from:
        table.fault("valid_until", "until_before_from")
    return valid_until


def _read_name(table: Table, key: str) -> Name:
    names = table.table(key)
    name = Name(names.text("zh"), names.text("en"))
    names.close()
    return name


def _read_scale(book: Table) -> tuple[Band, ...]:
    tables = book.tables("scale")
    bands = []
    for table in tables:
        bands.append(
            Band(
                table.text("letter"), table.points("at_least"), _read_name(table, "name"), table.text("basis")
            )
        )
        table.close()
    _refuse_repeats(tables, "letter", [band.letter for band in bands])
    for (better, worse), table in zip(pairwise(bands), tables[1:], strict=True):
        if worse.at_least >= better.at_least:
            table.fault("at_least", "band_overlaps", letter=better.letter)
    if bands and bands[0].at_least > FULL_SCORE:
        tables[0].fault("at_least", "band_unreachable")
    if bands and bands[-1].at_least != 0:
        tables[-1].fault("at_least", "band_open_below")
    return tuple(bands)


def _read_pillars(book: Table) -> tuple[Pillar, ...]:
    tables = book.tables("pillars")
    pillars = []
    for table in tables:
        pillar = Pillar(
            id=table.text("id"),
            name=_read_name(table, "name"),
            maximum=table.points("maximum"),
            start=table.points("start"),
            most_gained=table.points("most_gained"),
            most_lost=table.points("most_lost"),
            basis=table.text("basis"),
        )
        table.close()
        if pillar.maximum <= 0:
            table.fault("maximum", "pillar_empty")
        if not 0 <= pillar.start <= pillar.maximum:
            table.fault("start", "pillar_start")
        elif not 0 <= pillar.most_gained <= pillar.maximum - pillar.start:
            table.fault("most_gained", "pillar_gains_too_much")
        if not 0 <= pillar.most_lost <= pillar.start:
            table.fault("most_lost", "pillar_loses_too_much")
        pillars.append(pillar)
    _refuse_repeats(tables, "id", [pillar.id for pillar in pillars])
    together = sum(pillar.maximum for pillar in pillars)
    if pillars and together != FULL_SCORE:
        book.fault("pillars", "pillars_do_not_add_up", sum=f"{together // 100}.{together % 100:02d}")
    return tuple(pillars)


def _read_periods(book: Table) -> tuple[Period, ...]:
    tables = book.tables("periods")
    periods = []
    for table in tables:
        periods.append(
            Period(table.text("id"), table.integer("months", 1, LONGEST_PERIOD), table.text("basis"))
        )
        table.close()
    _refuse_repeats(tables, "id", [period.id for period in periods])
    return tuple(periods)


def _read_rules(
    book: Table, scale: tuple[Band, ...], pillars: tuple[Pillar, ...], periods: tuple[Period, ...]
) -> tuple[Rule, ...]:
    tables = book.tables("rules")
    by_pillar = {pillar.id: pillar for pillar in pillars}
    months = {period.id: period.months for period in periods}
    catch_all: dict[str, str] = {}
    asked: dict[tuple[str, tuple[Condition, ...]], str] = {}
    rules = []
    for table in tables:
        rule = _read_rule(table, by_pillar, months, [band.letter for band in scale])
        if rule.kind in catch_all:
            table.fault("", "rule_unreachable", earlier=catch_all[rule.kind], kind=rule.kind)
        elif not rule.when:
            catch_all[rule.kind] = rule.id
        elif (same := asked.setdefault((rule.kind, rule.when), rule.id)) != rule.id:
            table.fault("when", "rule_repeated", earlier=same)
        rules.append(rule)
    _refuse_repeats(tables, "id", [rule.id for rule in rules])
    return tuple(rules)


def _read_rule(table: Table, pillars: dict[str, Pillar], months: dict[str, int], letters: list[str]) -> Rule:
    rule_id, kind = table.text("id"), table.text("kind")
    if kind and kind not in FIELDS:
        table.fault("kind", "kind_unknown", given=repr(kind))
    pillar = table.text("pillar")
    if pillar and pillar not in pillars:
        table.fault("pillar", "pillar_unknown", given=repr(pillar), known=", ".join(pillars))
    period = table.text("period")
    if period and period not in months:
        table.fault("period", "period_unknown", given=repr(period), known=", ".join(months))
    use_months = months.get(period, LONGEST_PERIOD)
    points = table.points("points")
    ceiling = _read_ceiling(table, points, use_months, letters)
    if pillar in pillars:
        _refuse_points_beyond(table, points, pillars[pillar])
    rule = Rule(
        id=rule_id,
        kind=kind,
        pillar=pillar,
        points=points,
        period=period,
        use_months=use_months,
        decay=_read_decay(table, points, use_months),
        when=_read_conditions(table, kind),
        ceiling=ceiling,
        basis=table.text("basis"),
    )
    if points == 0 and ceiling is None and table.has("points"):
        table.fault("points", "points_nought")
    table.close()
    return rule


def _refuse_points_beyond(table: Table, points: int, pillar: Pillar) -> None:
    if points > pillar.most_gained:
        table.fault("points", "points_beyond_gain", pillar=pillar.id)
    if -points > pillar.most_lost:
        table.fault("points", "points_beyond_loss", pillar=pillar.id)


def _read_ceiling(rule: Table, points: int, use_months: int, letters: list[str]) -> Ceiling | None:
    if not rule.has("ceiling"):
        return None
    table = rule.table("ceiling")
    ceiling = Ceiling(table.text("letter"), table.integer("months", 1, LONGEST_PERIOD))
    table.close()
    if ceiling.letter and ceiling.letter not in letters:
        table.fault("letter", "letter_unknown", given=repr(ceiling.letter), known=", ".join(letters))
    elif letters and ceiling.letter == letters[0]:
        table.fault("letter", "ceiling_best")
    if ceiling.months > use_months:
        table.fault("months", "ceiling_too_long", months=use_months)
    if points > 0:
        rule.fault("ceiling", "ceiling_on_praise")
    return ceiling


def _read_decay(rule: Table, points: int, use_months: int) -> tuple[Step, ...]:
    if not rule.has("decay"):
        return ()
    steps: list[Step] = []
    for table in rule.tables("decay"):
        after, share = (
            table.integer("after_months", 1, LONGEST_PERIOD),
            table.integer("share", 1, WHOLE_SHARE - 1),
        )
        table.close()
        if after >= use_months:
            table.fault("after_months", "decay_too_long", months=use_months)
        if steps and after <= steps[-1].after_months:
            table.fault("after_months", "decay_out_of_order")
        if steps and share >= steps[-1].share:
            table.fault("share", "decay_grows")
        if points * share % WHOLE_SHARE:
            table.fault("share", "decay_leaves_fraction")
        shown = abs(points) * share // WHOLE_SHARE
        steps.append(Step(after, share, -shown if points < 0 else shown))
    return tuple(steps)


def _read_conditions(rule: Table, kind: str) -> tuple[Condition, ...]:
    if not rule.has("when"):
        return ()
    fields = FIELDS.get(kind)
    return tuple(_read_condition(table, kind, fields) for table in rule.tables("when"))


def _read_condition(table: Table, kind: str, fields: Mapping[str, Field] | None) -> Condition:
    name = table.text("field")
    asked = [operator for operator in OPERATORS if table.has(operator)]
    operator = asked[0] if asked else ""
    value: str | int | tuple[str, ...] = ""
    is_of_list = False
    if len(asked) != 1:
        table.fault("", "operator_count", known=", ".join(OPERATORS))
    elif fields is not None and name and name not in fields:
        table.fault("field", "field_unknown", kind=kind, given=repr(name), known=", ".join(fields) or "none")
    elif fields is not None and name:
        field = fields[name]
        is_of_list = field.type == "texts"
        if field.type not in OPERATORS[operator]:
            table.fault(operator, "operator_unfit", field=name, type=field.type)
        value = _read_value(table, operator, field)
    table.close()
    return Condition(name, operator, value, is_of_list)


def _read_value(table: Table, operator: str, field: Field) -> str | int | tuple[str, ...]:
    if operator in {"at_least", "above", "below"}:
        return table.integer(operator, 0, 10**12) if field.type == "integer" else table.money(operator)
    value = table.text(operator) if operator == "equals" else table.texts(operator)
    asked = (value,) if isinstance(value, str) else value
    if unknown := [code for code in asked if code and field.values and code not in field.values]:
        table.fault(operator, "value_unknown", given=", ".join(unknown), known=", ".join(field.values))
    return value


def _refuse_repeats(tables: list[Table], key: str, ids: list[str]) -> None:
    for index, (table, found) in enumerate(zip(tables, ids, strict=True)):
        if found and found in ids[:index]:
            table.fault(key, "id_repeated", id=repr(found))

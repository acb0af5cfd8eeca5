"""A rule book is read whole, or refused with every fault, its line and its reason."""

import contextlib
import hashlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.credit.domain.rule_faults import ADVICE
from services.credit.domain.rulebook import RuleBookError, parse_rulebook
from services.credit.domain.rules import Step
from services.credit.rulebook import released_ids, released_text

SMALL = """\
id = "演示"
title = { zh = "演示规则", en = "Demonstration" }
valid_from = 2026-01-01
valid_until = 2026-12-31

[[scale]]
letter = "A"
at_least = "60.00"
name = { zh = "好", en = "good" }
basis = "演示"

[[scale]]
letter = "B"
at_least = "0.00"
name = { zh = "差", en = "bad" }
basis = "演示"

[[pillars]]
id = "compliance"
name = { zh = "守法", en = "compliance" }
maximum = "100.00"
start = "70.00"
most_gained = "20.00"
most_lost = "50.00"
basis = "演示"

[[periods]]
id = "general"
months = 12
basis = "演示"

[[rules]]
id = "fine"
kind = "administrative_penalty"
pillar = "compliance"
when = [
  { field = "penalty_types", any_of = ["罚款"] },
  { field = "fine_amount", at_least = "100.00" },
]
points = "-12.50"
period = "general"
decay = [{ after_months = 3, share = 5000 }, { after_months = 6, share = 2000 }]
ceiling = { letter = "B", months = 6 }
basis = "演示"

[[rules]]
id = "penalty"
kind = "administrative_penalty"
pillar = "compliance"
points = "-5.00"
period = "general"
basis = "演示"

[[rules]]
id = "pass"
kind = "spot_check"
pillar = "compliance"
when = [{ field = "result", equals = "pass" }]
points = "5.00"
period = "general"
basis = "演示"
"""

FAULTS = [
    # what is written, what replaces it, line of the fault, its path, a word of its reason
    ('id = "演示"\n', "", None, "id", "missing"),
    ('id = "演示"\n', 'id = " "\n', 1, "id", "blank"),
    ('en = "Demonstration"', 'eng = "Demonstration"', 2, "title.eng", "unknown key"),
    ("valid_from = 2026-01-01", 'valid_from = "2026-01-01"', 3, "valid_from", "without quotes"),
    ("valid_until = 2026-12-31", "valid_until = 2025-12-31", 4, "valid_until", "before valid_from"),
    ("valid_until = 2026-12-31", "valid_untill = 2026-12-31", 4, "valid_untill", "unknown key"),
    ('letter = "B"\nat', 'letter = "A"\nat', 13, "scale[1].letter", "taken already"),
    ('at_least = "60.00"', "at_least = 60.00", 8, "scale[0].at_least", "as text"),
    ('at_least = "60.00"', 'at_least = "100.01"', 8, "scale[0].at_least", "nobody can reach"),
    ('at_least = "60.00"', 'at_least = "0.00"', 14, "scale[1].at_least", "below the threshold of A"),
    ('at_least = "0.00"', 'at_least = "1.00"', 14, "scale[1].at_least", "takes every score that is left"),
    ('maximum = "100.00"', 'maximum = "99.00"', 18, "pillars", "100.00 together"),
    ('maximum = "100.00"', 'maximum = "100"', 21, "pillars[0].maximum", "two decimal places"),
    ('start = "70.00"', 'start = "100.01"', 22, "pillars[0].start", "between nought"),
    ('most_gained = "20.00"', 'most_gained = "30.01"', 23, "pillars[0].most_gained", "leave its pillar"),
    ('most_lost = "50.00"', 'most_lost = "70.01"', 24, "pillars[0].most_lost", "below nought"),
    ("months = 12", "months = 0", 29, "periods[0].months", "whole number from 1"),
    ("months = 12", "months = true", 29, "periods[0].months", "whole number from 1"),
    ("months = 12", 'months = "12"', 29, "periods[0].months", "whole number from 1"),
    ('id = "penalty"', 'id = "fine"', 47, "rules[1].id", "taken already"),
    ('kind = "spot_check"', 'kind = "spot_chek"', 56, "rules[2].kind", "unknown kind"),
    ('pillar = "compliance"\nwhen = [{', 'pillar = "obedience"\nwhen = [{', 57, "rules[2].pillar", "unknown pillar"),
    ('period = "general"\ndecay', 'period = "genral"\ndecay', 41, "rules[0].period", "unknown period"),
    ('field = "fine_amount"', 'field = "fine"', 38, "rules[0].when[1].field", "no field"),
    ('field = "fine_amount", at', 'field = "fine_amount", from = 1, at', 38, "rules[0].when[1].from", "unknown key"),
    ('any_of = ["罚款"]', 'any_of = ["罚金"]', 37, "rules[0].when[0].any_of", "no value of this field"),
    ('any_of = ["罚款"]', "any_of = []", 37, "rules[0].when[0].any_of", "not empty"),
    ('any_of = ["罚款"]', 'any_of = ["罚款", "罚款"]', 37, "rules[0].when[0].any_of", "twice"),
    ('any_of = ["罚款"]', 'equals = "罚款"', 37, "rules[0].when[0].equals", "cannot be asked of"),
    (', at_least = "100.00"', "", 38, "rules[0].when[1]", "exactly one operator"),
    ('at_least = "100.00"', 'at_least = "1", below = "2"', 38, "rules[0].when[1]", "exactly one operator"),
    ('at_least = "100.00"', 'at_least = "100.001"', 38, "rules[0].when[1].at_least", "not an amount"),
    ('at_least = "100.00"', "at_least = 100", 38, "rules[0].when[1].at_least", "yuan as text"),
    ('equals = "pass"', 'equals = "fial"', 58, "rules[2].when[0].equals", "no value of this field"),
    ('points = "-12.50"', 'points = "-50.01"', 40, "rules[0].points", "most_lost"),
    ('points = "5.00"', 'points = "20.01"', 59, "rules[2].points", "most_gained"),
    ('points = "5.00"', 'points = "0.00"', 59, "rules[2].points", "nought"),
    ('points = "5.00"', 'points = "+5.00"', 59, "rules[2].points", "two decimal places"),
    ('points = "5.00"', 'points = "5.00"\nceiling = { letter = "B", months = 1 }', 60, "rules[2].ceiling", "hold the grade down"),
    ("after_months = 6", "after_months = 12", 42, "rules[0].decay[1].after_months", "longer than the period"),
    ("after_months = 6", "after_months = 3", 42, "rules[0].decay[1].after_months", "later than"),
    ("share = 2000", "share = 5000", 42, "rules[0].decay[1].share", "smaller"),
    ("share = 2000", "share = 10000", 42, "rules[0].decay[1].share", "from 1 to 9999"),
    ("share = 2000", "share = 1999", 42, "rules[0].decay[1].share", "fraction of a hundredth"),
    ('letter = "B", months = 6', 'letter = "D", months = 6', 43, "rules[0].ceiling.letter", "unknown letter"),
    ('letter = "B", months = 6', 'letter = "A", months = 6', 43, "rules[0].ceiling.letter", "no ceiling"),
    ('letter = "B", months = 6', 'letter = "B", months = 13', 43, "rules[0].ceiling.months", "longer than the period"),
    ('ceiling = { letter = "B", months = 6 }\nbasis = "演示"', 'ceiling = { letter = "B", months = 6 }', 32, "rules[0].basis", "missing"),
    ('kind = "spot_check"', 'kind = "administrative_penalty"', 54, "rules[2]", "never reached"),
    ('pillar = "compliance"\npoints = "-5.00"', 'points = "-5.00"', 46, "rules[1].pillar", "missing"),
    ("[[periods]]", "[periods]", 27, "periods", "list of tables"),
    ("[[pillars]]", "[[pilars]]", 18, "pilars", "unknown key"),
    ("months = 12", "months = twelve", 29, "", "no TOML"),
    ("months = 12", "months = 12\nmonths = 13", 30, "", "no TOML"),
]  # fmt: skip


REPEATED = """
[[rules]]
id = "again"
kind = "spot_check"
pillar = "compliance"
when = [{ field = "result", equals = "pass" }]
points = "1.00"
period = "general"
basis = "演示"
"""


def faults_of(text):
    with pytest.raises(RuleBookError) as refused:
        parse_rulebook(text)
    return refused.value.faults


def test_the_small_book_is_sound():
    assert parse_rulebook(SMALL).rules[0].decay == (Step(3, 5000, -625), Step(6, 2000, -250))


@pytest.mark.parametrize(("written", "instead", "line", "path", "reason"), FAULTS)
def test_a_planted_fault_is_refused_with_line_and_reason(written, instead, line, path, reason):
    assert SMALL.count(written) >= 1

    found = faults_of(SMALL.replace(written, instead, 1))

    assert [(fault.line, fault.path) for fault in found if reason in fault.message] == [(line, path)]


def test_all_faults_come_at_once_in_order_of_lines():
    text = SMALL.removeprefix('id = "演示"\n')
    for written, instead in (
        ('"60.00"', "60"),
        ('"-12.50"', '"-50.01"'),
        ("after_months = 6", "after_months = 12"),
    ):
        text = text.replace(written, instead, 1)

    found = faults_of(text)

    assert {"id", "scale[0].at_least", "rules[0].points", "rules[0].decay[1].after_months"} <= {
        fault.path for fault in found
    }
    lines = [fault.line for fault in found if fault.line]
    assert lines == sorted(lines)


def test_the_error_reads_as_a_list():
    with pytest.raises(RuleBookError, match=r"^line 59: rules\[2\]\.points: are nought"):
        parse_rulebook(SMALL.replace('points = "5.00"', 'points = "0.00"'))


def test_a_rule_that_asks_what_another_asked_before_is_refused():
    (found,) = faults_of(SMALL + REPEATED)

    assert (found.line, found.path, found.code) == (67, "rules[3].when", "rule_repeated")


def test_every_fault_that_can_be_noted_was_planted_here():
    texts = [SMALL.replace(written, instead, 1) for written, instead, *_ in FAULTS]
    texts += ["", "a = ]", SMALL + REPEATED, SMALL.replace('basis = "演示"', "", 1)]
    texts += [
        SMALL.replace('maximum = "100.00"', 'maximum = "0.00"'),
        SMALL.replace("title = {", 'title = "x" # {'),
    ]
    planted = {found.code for text in texts for found in faults_of(text)}

    assert planted == set(ADVICE) - {"encoding_invalid"}  # that one is noted where the file is read


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_fault_says_why_and_how_to_mend_it(language):
    for written, instead, *_ in FAULTS:
        for found in faults_of(SMALL.replace(written, instead, 1)):
            assert found.why(language).strip()
            assert found.cure(language).strip()


def test_an_empty_text_lacks_everything():
    assert {fault.path for fault in faults_of("")} == {
        "id", "title", "valid_from", "scale", "pillars", "periods", "rules"
    }  # fmt: skip


@pytest.mark.parametrize(
    "text", ["a = " + "9" * 5000, "a = " + "[" * 100_000, "\x00", '"a', "a = 2026-13-01"]
)
def test_hostile_text_is_refused_like_any_other(text):
    assert faults_of(text)[0].message.startswith("is no TOML")


@given(
    st.integers(0, SMALL.count("\n")),
    st.sampled_from(["", "a = 1", 'when = "x"', "points = [[]]", "[rules]", "]"]),
)
def test_a_spoilt_line_is_read_or_refused_and_never_breaks_the_reader(place, spoilt):
    lines = SMALL.splitlines()
    lines[place : place + 1] = [spoilt]

    with contextlib.suppress(RuleBookError):
        parse_rulebook("\n".join(lines))


def test_a_rule_that_only_holds_the_grade_down_may_have_no_points():
    text = SMALL.replace('points = "-12.50"', 'points = "0.00"')

    assert parse_rulebook(text).rules[0].ceiling is not None


def test_the_digest_is_of_the_text():
    text = released_text("2026-01")

    assert parse_rulebook(text).digest == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("rulebook_id", released_ids())
def test_each_released_book_is_sound_and_bears_the_name_of_its_file(rulebook_id):
    assert parse_rulebook(released_text(rulebook_id)).id == rulebook_id


def test_the_released_book_is_as_the_notice_of_2012_and_the_design_fix_it(book):
    assert [band.letter for band in book.scale] == ["AA", "A", "B", "C"]
    assert [(pillar.id, pillar.maximum) for pillar in book.pillars] == [
        ("compliance", 3500),
        ("quality", 3500),
        ("commitment", 1500),
        ("capability", 1500),
    ]
    assert (book.valid_from, book.valid_until) == (date(2026, 1, 1), None)


def test_penalties_are_used_no_longer_than_the_three_tiers_allow(book):
    months = {rule.id: rule.use_months for rule in book.rules if rule.kind == "administrative_penalty"}

    assert months == {
        "penalty_exclusion": 36,
        "penalty_restriction": 36,
        "penalty_huge_fine": 36,
        "penalty_confiscation": 12,
        "penalty_fine": 12,
        "penalty_minor": 3,
    }


def test_points_of_the_released_book_say_that_they_await_confirmation(book):
    assert all("(待确认)" in rule.basis for rule in book.rules)


def test_there_is_no_book_of_another_name():
    with pytest.raises(KeyError):
        released_text("../2026-01")

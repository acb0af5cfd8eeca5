"""Whom a pushed item is about when it bears no unified social credit code. Pure: what is sought, what is known, a ranking.

The order is that of the interchange of 双公示: the organisation code inside the code, the registration number of the time
before it, then the name. Only an identifier that points to exactly one enterprise is certain, and only while the name that
comes with it does not say somebody else. **A name alone is never certain**: that one firm of the name is known does not mean
that no other exists (decision 26), and a record on the wrong file is worse than one that waits.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from services.credit.domain.simplified import SIMPLIFIED

MOST_CANDIDATES: Final = 10
LEAST_SCORE: Final = 30
"""Below it a likeness of names is chance, and no candidate."""
AGREEING: Final = 50
"""From this likeness (percent) on, two names may be one firm's."""


class Certainty(StrEnum):
    """How sure an identification is (识别结论)."""

    CERTAIN = "certain"
    UNCERTAIN = "uncertain"
    NONE = "none"


class MatchReason(StrEnum):
    """What speaks for a candidate, or against it (匹配理由)."""

    ORGANISATION_CODE = "organisation_code"
    REGISTRATION_NUMBER = "registration_number"
    NAME_SAME = "name_same"
    NAME_SPELLED_ALIKE = "name_spelled_alike"
    FORMER_NAME_SAME = "former_name_same"
    NAME_SIMILAR = "name_similar"
    NAME_DIFFERS = "name_differs"
    REGION_SAME = "region_same"
    REGION_NEAR = "region_near"


SCORES: Final = {
    MatchReason.ORGANISATION_CODE: 60, MatchReason.REGISTRATION_NUMBER: 50, MatchReason.NAME_SAME: 40,
    MatchReason.NAME_SPELLED_ALIKE: 36, MatchReason.FORMER_NAME_SAME: 32, MatchReason.REGION_SAME: 10,
    MatchReason.REGION_NEAR: 5, MatchReason.NAME_DIFFERS: -30,
}  # fmt: skip
"""Points of each reason; a similar name has half a point a percent of likeness, at most 30."""
_HIGHEST: Final = 100


class Sought(NamedTuple):
    """What an item says of its subject, identifiers as the standards write them."""

    organisation_code: str | None
    registration_number: str | None
    name: str | None
    region: str


class Known(NamedTuple):
    """An enterprise that it may be. `former` are its earlier names, `numbers` its other identifiers."""

    uscc: str
    name: str
    region: str
    former: tuple[str, ...] = ()
    numbers: frozenset[str] = frozenset()


class Candidate(NamedTuple):
    """One enterprise with what speaks for it: 0 to 100 points."""

    uscc: str
    name: str
    found_as: str
    region: str
    score: int
    reasons: tuple[MatchReason, ...]


class Identification(NamedTuple):
    """The answer: who it certainly is, or who it may be, the likeliest first."""

    certainty: Certainty
    uscc: str | None
    candidates: tuple[Candidate, ...]


_MARKS: Final = re.compile(r"[^\w]|_")
_FORMS: Final = re.compile(
    r"(股份有限责任公司|股份有限公司|有限责任公司|责任有限公司|有限公司|股份公司|公司|合作社|个体工商户|经营部|厂)+$"
)
_SPELLINGS: Final = (
    ("股份有限责任公司", "股份有限公司"),
    ("有限责任公司", "有限公司"),
    ("责任有限公司", "有限公司"),
    ("个体工商户", ""),
)
_PLACE: Final = re.compile(r"^(?:(?:湖南|\w{2,3})省)?(?:\w{2,3}市)?(?:\w{2,4}[县区])?")
_NUMBER: Final = re.compile(r"\d{13}|\d{15}", re.ASCII)


def plain_name(name: str) -> str:
    """A name without what carries no meaning: width, case, blanks, brackets and points, traditional characters."""
    folded = unicodedata.normalize("NFKC", name).casefold().translate(SIMPLIFIED)
    return _MARKS.sub("", folded)


def spelled_name(name: str) -> str:
    """A plain name with its legal form in one spelling: 有限责任公司 is 有限公司 (公司法 § 8), 股份有限公司 is another."""
    plain = plain_name(name)
    for written, meant in _SPELLINGS:
        plain = plain.replace(written, meant)
    return plain


def core_of(name: str) -> str:
    """What is left of a name without its place in front and its legal form at the end: its own part, for looking up."""
    plain = spelled_name(name)
    bare = _FORMS.sub("", plain)
    core = _PLACE.sub("", bare, count=1)
    return core if len(core) >= 2 else bare if len(bare) >= 2 else plain


def is_number(text: str) -> bool:
    """Whether a registration number has the form of one: 15 digits (工商行政管理市场主体注册号编制规则), 13 before 2007.
    Placeholders and shorter numbers, which many firms share, identify nobody."""
    return _NUMBER.fullmatch(text) is not None


def likeness(one: str, other: str) -> int:
    """How alike two names are, in percent: their shared pairs of neighbouring characters, the legal form left out. A name
    that holds the whole own part of the other is alike at least by the least that agrees."""
    first, second = _FORMS.sub("", spelled_name(one)), _FORMS.sub("", spelled_name(other))
    if first == second:
        return 100
    pairs, others = _pairs(first), _pairs(second)
    shared = sum(min(pairs[pair], others.get(pair, 0)) for pair in pairs)
    total = sum(pairs.values()) + sum(others.values())
    found = 200 * shared // total if total else 0
    shorter = min(core_of(one), core_of(other), key=len)
    is_inside = len(shorter) >= 4 and shorter in first and shorter in second
    return max(found, AGREEING) if is_inside else found


def _pairs(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for place in range(len(text) - 1):
        pair = text[place : place + 2]
        found[pair] = found.get(pair, 0) + 1
    return found


def identify(sought: Sought, known: Iterable[Known]) -> Identification:
    """Who the subject of an item is, among the enterprises that share an identifier or a part of the name with it.

    Certain is one enterprise to which every given identifier that is known leads, where the name agrees or is not given.
    """
    enterprises = list(known)
    ranked = sorted((_candidate(sought, each) for each in enterprises), key=lambda c: (-c.score, c.uscc))
    shown = tuple(each for each in ranked if each.score >= LEAST_SCORE)[:MOST_CANDIDATES]
    by_code = {each.uscc for each in enterprises if _has_code(sought, each)}
    by_number = {each.uscc for each in enterprises if _has_number(sought, each)}
    leads = [found for found in (by_code, by_number) if found]
    one = set.intersection(*leads) if leads else set[str]()
    if len(one) == 1 and all(len(found) == 1 for found in leads):
        uscc = one.pop()
        subject = next(each for each in enterprises if each.uscc == uscc)
        if _agrees(sought, subject):
            return Identification(Certainty.CERTAIN, uscc, shown)
    return Identification(Certainty.UNCERTAIN if shown else Certainty.NONE, None, shown)


def _has_code(sought: Sought, known: Known) -> bool:
    code = sought.organisation_code
    return code is not None and (known.uscc[8:17] == code or code in known.numbers)


def _has_number(sought: Sought, known: Known) -> bool:
    number = sought.registration_number
    return number is not None and is_number(number) and number in known.numbers


def _agrees(sought: Sought, known: Known) -> bool:
    names = [name for name in (known.name, *known.former) if name]
    if sought.name is None or not names:
        return True
    return any(likeness(sought.name, name) >= AGREEING for name in names)


def _candidate(sought: Sought, known: Known) -> Candidate:
    reasons: list[MatchReason] = []
    if _has_code(sought, known):
        reasons.append(MatchReason.ORGANISATION_CODE)
    if _has_number(sought, known):
        reasons.append(MatchReason.REGISTRATION_NUMBER)
    is_identified = bool(reasons)
    by_name, found_as, points = _named(sought, known)
    if by_name is not None and (by_name is not MatchReason.NAME_DIFFERS or is_identified):
        reasons.append(by_name)
    score = sum(SCORES.get(reason, 0) for reason in reasons) + points
    if reasons and reasons != [MatchReason.NAME_DIFFERS]:
        near = _nearness(sought.region, known.region)
        if near is not None:
            reasons.append(near)
            score += SCORES[near]
    return Candidate(
        known.uscc, known.name, found_as, known.region, max(0, min(score, _HIGHEST)), tuple(reasons)
    )


def _named(sought: Sought, known: Known) -> tuple[MatchReason | None, str, int]:
    """What the names say, the name by which, and the points of a mere likeness."""
    if sought.name is None:
        return None, known.name, 0
    plain, spelled = plain_name(sought.name), spelled_name(sought.name)
    if known.name and plain == plain_name(known.name):
        return MatchReason.NAME_SAME, known.name, 0
    if known.name and spelled == spelled_name(known.name):
        return MatchReason.NAME_SPELLED_ALIKE, known.name, 0
    for former in known.former:
        if spelled == spelled_name(former):
            return MatchReason.FORMER_NAME_SAME, former, 0
    names: Sequence[str] = [name for name in (known.name, *known.former) if name]
    if not names:
        return None, known.name, 0
    alike, best = max((likeness(sought.name, name), name) for name in names)
    if alike >= AGREEING:
        return MatchReason.NAME_SIMILAR, best, min(alike // 2, 30)
    return MatchReason.NAME_DIFFERS, known.name, 0


def _nearness(sought: str, known: str) -> MatchReason | None:
    """Regions say something from the prefecture down; a province as a whole says nothing."""
    if sought[2:] == "0000" or known[2:] == "0000" or sought[:4] != known[:4]:
        return None
    return MatchReason.REGION_SAME if sought == known else MatchReason.REGION_NEAR


def signature_of(sought: Sought) -> tuple[str, ...]:
    """What makes two items ask the same question. Of names only the plain form counts, not the spelling of the legal form;
    and where nothing but a name is given, the region as well, because names are unique by place."""
    name = plain_name(sought.name) if sought.name else ""
    code, number = sought.organisation_code or "", sought.registration_number or ""
    return (code, number, name, "" if code or number else sought.region)

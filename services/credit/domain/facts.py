"""Facts: what grading needs of one current record, in plain values that are stored per firm and read by the million."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple

Attributes = dict[str, str | int | list[str]]


class Bond(NamedTuple):
    """What ties a fact to the others of its act, where it is not simply the authority's own statement of it.

    `secondhand`: told by an agency that is not the deciding authority. `act`: the key under which people linked several
    statements as one act, instead of the fact's own. `offence`: equal in different documents on one offence, which score
    once together; `leads` marks the one that a person chose to speak for it.
    """

    secondhand: bool = False
    act: str | None = None
    offence: str | None = None
    leads: bool = False


UNBOUND: Final = Bond()


class Fact(NamedTuple):
    """One statement of a firm's file as grading sees it.

    Days are date ordinals. `valid_until` is the last day on which the information may be used, None where the rule's
    period alone decides. `responsible`: the firm of this file is the confirmed, responsible party. `act` is equal in all
    statements of one act (`act_key`), None where the document has no number. `disputed`: under objection. `attributes`
    holds only the fields of `FIELDS`, money in fen. `bond` is None where nothing ties the fact to another but its act. A
    tuple, because it is stored as one, without the names.
    """

    record_id: str
    kind: str
    occurred_on: int
    valid_until: int | None
    assertion: str
    effect: str
    responsible: bool
    act: str | None
    disputed: bool
    attributes: Attributes
    bond: Bond | None = None


class Field(NamedTuple):
    """A detail of a kind that rules may look at. `type` is text, texts (a list), money or integer; `values` lists the
    codes of a closed vocabulary, empty where the text is free."""

    type: str
    values: tuple[str, ...] = ()


LEVELS: Final = ("national", "provincial", "municipal", "county")

PENALTY_TYPES: Final = (
    "警告",
    "通报批评",
    "罚款",
    "没收违法所得",
    "没收非法财物",
    "暂扣许可证件",
    "降低资质等级",
    "吊销许可证件",
    "限制开展生产经营活动",
    "责令停产停业",
    "责令关闭",
    "限制从业",
    "行政拘留",
    "其他",
    "暂扣许可证、执照",
    "吊销许可证、执照",
)
"""处罚类别 of 行政处罚法 (2021) art. 9 from light to heavy; the last two are the words of the law before 2021."""

CERTIFICATIONS: Final = (
    "compulsory",
    "product",
    "management_system",
    "service",
    "organic",
    "green",
    "food_agriculture",
)

FIELDS: Final[Mapping[str, Mapping[str, Field]]] = {
    "administrative_penalty": {"penalty_types": Field("texts", PENALTY_TYPES), "fine_amount": Field("money")},
    "spot_check": {
        "result": Field("text", ("pass", "fail", "refused")),
        "level": Field("text", LEVELS),
        "sampling": Field("text", ("supervision", "comparison", "risk_monitoring")),
    },
    "quality_award": {"level": Field("text", LEVELS)},
    "enterprise_registration": {},
    "administrative_licence": {},
    "recall": {"initiation": Field("text", ("voluntary", "influenced", "ordered"))},
    "complaint": {},
    "violation_report": {},
    "quality_accident": {
        "severity": Field("text", ("general", "larger", "major", "extraordinary")),
        "finding": Field("text", ("under_inquiry", "responsible", "not_responsible")),
    },
    "certification": {
        "category": Field("text", CERTIFICATIONS),
        "status": Field("text", ("valid", "suspended", "revoked", "cancelled", "expired")),
        "certificate_number": Field("text"),
    },
    "standard_declaration": {},
    "standard_forerunner": {},
    "quality_commitment": {"fulfilment": Field("text", ("pending", "kept", "broken"))},
    "self_disclosure": {},
    "quality_credit_report": {},
    "arbitration_inspection": {},
    "quality_appraisal": {},
    "risk_warning": {},
    "random_inspection": {
        "result": Field(
            "text", ("no_problem", "corrected", "to_follow_up", "not_found", "obstructed", "not_active")
        )
    },
    "quality_insurance": {},
    "chief_quality_officer": {},
    "traceability_statement": {},
}
"""The kinds that rules may speak of, with the details that a rule may look at. A fact carries these and no others."""

ADDRESSED_KINDS: Final = frozenset(
    {
        "administrative_penalty",
        "administrative_licence",
        "certification",
        "enterprise_registration",
        "quality_award",
        "quality_commitment",
        "random_inspection",
        "recall",
        "standard_forerunner",
    }
)
"""Kinds whose document is addressed to its subject by name: the subject is the responsible, confirmed party."""

_NO_NUMBER: Final = frozenset({"", "/", "-", "--", "无", "暂无", "空", "NULL", "NONE", "N/A"})
_MEANINGLESS: Final = str.maketrans(
    dict.fromkeys("[〔【〖{〈《", "(")
    | dict.fromkeys("]〕】〗}〉》", ")")
    | dict.fromkeys("‐‑‒–—―−", "-")
    | {"號": "号", "第": None}
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff")
)
_IS_MEANINGLESS: Final = re.compile(f"[{re.escape(''.join(map(chr, _MEANINGLESS)))}]").search
_SECONDHAND: Final = Bond(secondhand=True)
_AUTHORITIES_KEPT: Final = 4_096
_MONEY: Final = re.compile(r"(\d+)(?:\.(\d{1,2})0*)?", re.ASCII)


def fact_of(
    *,
    record_id: str,
    kind: str,
    subject_uscc: str,
    authority: str,
    document_number: str | None,
    occurred_on: date,
    valid_until: date | None,
    assertion: str,
    effect: str,
    parties: Sequence[tuple[str, str, bool]],
    details: Mapping[str, object],
    disputed: bool = False,
    secondhand: bool = False,
) -> Fact:
    """The fact that a record states about its subject.

    `authority` is the deciding authority's code, or its name where it has none; `secondhand` says that another agency
    tells of its act; `parties` are (role, uscc, confirmed).

    Raises:
        ValueError: an amount of money is not a decimal of yuan with at most two places.
    """
    attributes = attributes_of(kind, details)
    return Fact(
        record_id=record_id,
        kind=kind,
        occurred_on=occurred_on.toordinal(),
        valid_until=None if valid_until is None else valid_until.toordinal(),
        assertion=assertion,
        effect=effect,
        responsible=is_responsible(kind, subject_uscc, parties, attributes),
        act=act_key(kind, authority, document_number, attributes),
        disputed=disputed,
        attributes=attributes,
        bond=_SECONDHAND if secondhand else None,
    )


def fact_of_content(record: Mapping[str, Any], record_id: str) -> Fact:
    """The fact of a stored record, read from its own JSON as readers get it."""
    authority = record["authority"] or {}
    valid_until = record["valid_until"]
    return fact_of(
        record_id=record_id,
        kind=record["kind"],
        subject_uscc=record["subject"]["uscc"],
        authority=record.get("authority_code") or authority.get("uscc") or authority.get("name") or "",
        document_number=record["document_number"],
        occurred_on=date.fromisoformat(record["occurred_on"]),
        valid_until=date.fromisoformat(valid_until) if valid_until else None,
        assertion=record["assertion"],
        effect=record["effect"],
        parties=[(p["role"], p["subject"]["uscc"] or "", p["confirmed"]) for p in record["parties"]],
        details=record["details"],
        secondhand=record.get("secondhand", False),
    )


def attributes_of(kind: str, details: Mapping[str, object]) -> Attributes:
    """The details of a record that rules may look at; missing, null and wrongly typed ones are left out."""
    attributes: Attributes = {}
    for name, field in FIELDS.get(kind, {}).items():
        value = details.get(name)
        if isinstance(value, str):
            if field.type == "money":
                attributes[name] = fen_of(value)
            elif field.type == "text":
                attributes[name] = value
        elif isinstance(value, list):
            if field.type == "texts":
                attributes[name] = [item for item in value if isinstance(item, str)]
        elif isinstance(value, int) and field.type == "integer" and value is not True and value is not False:
            attributes[name] = value
    return attributes


def fen_of(yuan: str) -> int:
    """An amount of yuan, as decimal text, in fen.

    Raises:
        ValueError: it is negative, no decimal, or finer than a fen.
    """
    found = _MONEY.fullmatch(yuan)
    if found is None:
        raise ValueError(f"{yuan!r} is not an amount of yuan with at most two decimal places")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def normalise_document_number(text: str | None) -> str | None:
    """A document number in the form in which two statements of it are equal; None for blanks and placeholders.

    Width, case, blanks, the ordinal 第, the 号 at the end, the kind of dash and the shape of the year's brackets (〔2026〕,
    [2026], (2026)) carry no meaning. Noughts do: 01 and 1 may be two documents.
    """
    if text is None:
        return None
    # the brackets of the year are in nearly every number, the other signs in few
    plain = "".join(unicodedata.normalize("NFKC", text).split()).replace("〔", "(").replace("〕", ")")
    folded = (plain.translate(_MEANINGLESS) if _IS_MEANINGLESS(plain) else plain).upper()
    return None if folded in _NO_NUMBER else folded.removesuffix("号") or None


def act_key(kind: str, authority: str, document_number: str | None, attributes: Attributes) -> str | None:
    """What identifies an act within the file of its subject, None where its document has no number.

    One spot-check announcement covers several batches, some passed and some not: there the result is part of the key, so
    that a pass never stands for a failure. Several failures under one number count as one, in the firm's favour. A
    certificate is known by its own number, whoever tells of it.
    """
    if kind == "certification" and (certificate := attributes.get("certificate_number")):
        return f"{kind}||{normalise_document_number(str(certificate))}"
    number = normalise_document_number(document_number)
    if number is None:
        return None
    key = f"{kind}|{authority_key(authority)}|{number}"
    return f"{key}|{attributes.get('result', '')}" if kind == "spot_check" else key


@lru_cache(maxsize=_AUTHORITIES_KEPT)
def authority_key(authority: str) -> str:
    """An authority's code, or its name in the form in which two ways of writing it are equal."""
    return authority if authority.isascii() else "".join(unicodedata.normalize("NFKC", authority).split())


def is_responsible(
    kind: str, subject_uscc: str, parties: Sequence[tuple[str, str, bool]], attributes: Attributes
) -> bool:
    """Whether the subject is charged with, or credited for, what the record states.

    A penalty, licence, certificate, award or registration is addressed to its subject, and so is the order of a recall, a
    place among forerunners, what was found of a commitment, and the result of a random inspection. A failed or refused spot check
    counts only for a producer that confirmed that the goods are its own (counterfeits bear other people's names); a
    passed one counts for the named producer, or for the subject where no party is named. What was sampled to compare or to
    watch a risk informs supervision and counts for nobody. Of any other kind, only a confirmed party is responsible.
    """
    if kind in ADDRESSED_KINDS:
        return True
    if kind == "spot_check":
        if attributes.get("sampling", "supervision") != "supervision":
            return False
        if attributes.get("result") == "pass":
            return not parties or any(
                role == "producer" and uscc == subject_uscc for role, uscc, _ in parties
            )
        return any(
            confirmed and role == "producer" and uscc == subject_uscc for role, uscc, confirmed in parties
        )
    return any(confirmed and uscc == subject_uscc for _, uscc, confirmed in parties)

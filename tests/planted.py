"""Records of every kind with a mark in each member that is not public: a text that occurs nowhere else.

Where a mark turns up, its member was handed out. A person's name is shown by its first character at most, so that its
mark is a character of its own; a person's number by its ends.
"""

from itertools import count
from typing import NamedTuple

from services.kernel.kinds import KINDS
from services.kernel.kinds.kind import PERSONAL, PUBLIC, MemberType
from tests.filing import record

_RARE = 0x20000
"""From here on come characters that no text of ours uses (CJK extension B)."""
_SOUND = {
    MemberType.TEXT: "演示", MemberType.DATE: "2026-03-02", MemberType.MONEY: "100.00", MemberType.INTEGER: 1,
    MemberType.BOOLEAN: True,
}  # fmt: skip


class Mark(NamedTuple):
    """What is planted in one member, and by which text it would be recognised where it is shown."""

    kind: str
    member: str
    group: str
    planted: object
    shown: str


def _marks():
    numbers = count(1)
    for kind in KINDS.values():
        for member in kind.members:
            if member.group == PUBLIC:
                continue
            number = next(numbers)
            text = f"{chr(_RARE + number)}秘{number:03d}"
            if member.group == PERSONAL and member.mask == "number":
                digits = f"9{number:03d}19800101{number:04d}9"[:18].ljust(18, "0")
                yield Mark(kind.code, member.name, member.group, digits, f"{digits[:4]}***")
            elif member.group == PERSONAL and member.mask == "name":
                yield Mark(kind.code, member.name, member.group, text, f"{text[0]}***")
            elif member.type is MemberType.LIST and not member.choices:
                yield Mark(kind.code, member.name, member.group, [text], text)
            elif member.type is MemberType.TEXT and member.group != PERSONAL:
                yield Mark(kind.code, member.name, member.group, text, text)
            elif member.type is MemberType.MONEY:
                amount = f"88{number:03d}71.13"
                yield Mark(kind.code, member.name, member.group, amount, amount)
            elif member.type is MemberType.TEXT:  # hidden wholly: nothing of it may be shown to anybody
                yield Mark(kind.code, member.name, member.group, text, text)


MARKS = tuple(_marks())


def sound_value(member):
    """A value that a member takes."""
    if member.type is MemberType.CHOICE:
        return next(iter(member.choices))
    if member.type is MemberType.LIST:
        return [next(iter(member.choices), "演示")]
    return _SOUND[member.type]


def planted_record(number, kind, region="430100"):
    """A record of a kind about a firm with every mark of the kind."""
    details = {m.name: sound_value(m) for m in KINDS[kind].members if m.required}
    details |= {mark.member: mark.planted for mark in MARKS if mark.kind == kind}
    named = (
        {"document_number": f"演示〔2026〕{kind}-{number}号"} if KINDS[kind].document_number_required else {}
    )
    return record(number, kind, f"{kind}-{number}", "2026-03-02", details, region=region, **named)


def marks_in(text):
    """The marks that a text shows."""
    return {mark for mark in MARKS if mark.shown in text}


def unplaced():
    """Members that are not public and bear no mark, because their type takes none."""
    placed = {(mark.kind, mark.member) for mark in MARKS}
    return {
        (kind.code, member.name, member.type.value)
        for kind in KINDS.values()
        for member in kind.members
        if member.group != PUBLIC and (kind.code, member.name) not in placed
    }

"""The catalogue of kinds as the exchange publishes it: made from the declarations in the kernel, never written twice."""

import functools
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from services.kernel.kinds import KINDS
from services.kernel.kinds.envelope import ENVELOPE, EnvelopeMember
from services.kernel.kinds.kind import Kind, Member, MemberType
from services.kernel.texts import Text


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a kind: its JSON pointer in a push record, its type, and every column name that means it."""

    path: str
    type: MemberType
    required: bool
    headers: tuple[str, ...]
    choices: dict[str, str]
    synonyms: dict[str, str]
    group: str
    label: Text


def columns_with_choices(column: Column) -> bool:
    """Whether the values of a column stand in a list of codes."""
    return column.type is MemberType.CHOICE or bool(column.choices)


@functools.cache
def columns_of(code: str) -> tuple[Column, ...]:
    """The columns of a kind, envelope first; no column name stands for two of them.

    Raises:
        KeyError: the kind is unknown.
    """
    kind = KINDS[code]
    official = [name for member in kind.members for name in member.headers]
    official += [name for names in kind.headers.values() for name in names]
    taken = {folded(name) for name in official}
    members = [_of_member(member, taken) for member in kind.members]
    taken |= {folded(name) for column in members for name in column.headers}
    return (*(_of_envelope(kind, member, taken) for member in ENVELOPE), *members)


def folded(header: str) -> str:
    """A column name as names are compared: NFKC, without blanks, in lower case."""
    return "".join(unicodedata.normalize("NFKC", header).split()).lower()


def _of_envelope(kind: Kind, member: EnvelopeMember, taken: set[str]) -> Column:
    # A kind's own names go first, and what it uses for one thing no longer stands for another.
    general = [member.label.zh, *member.headers, member.path.removeprefix("/").replace("/", "_")]
    if member.path.startswith("/subject/"):
        general.append(member.path.removeprefix("/subject/"))
    names = _distinct(
        [*kind.headers.get(member.path, ()), *(name for name in general if folded(name) not in taken)]
    )
    required = member.required or (member.path == "/document_number" and kind.document_number_required)
    if member.path == "/subject/uscc" and not kind.identifies:
        required = False  # a row without it is held until somebody says which enterprise it is
    return Column(
        member.path, member.type, required, names, member.choices, kind.synonyms.get(member.path, {}), member.group, member.label
    )  # fmt: skip


def _of_member(member: Member, taken: set[str]) -> Column:
    plain = [name for name in (member.label.zh, member.name) if folded(name) not in taken]
    return Column(
        f"/details/{member.name}",
        member.type,
        member.required,
        _distinct([*member.headers, *plain]),
        member.choices,
        member.synonyms,
        member.group,
        member.label,
    )


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for name in names:
        kept.setdefault(folded(name), name)
    return tuple(kept.values())

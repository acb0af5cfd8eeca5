"""The official title of the column to which a place in a pushed record belongs: what a fault calls it for a person."""

import re
from typing import Final

from services.kernel.kinds import KINDS
from services.kernel.kinds.envelope import ENVELOPE
from services.kernel.texts import Text

_PARTS: Final[dict[str, Text]] = {
    "/kind": Text("信息类别", "Kind"),
    "/subject": Text("主体", "Subject"),
    "/authority": Text("作出机关", "Authority"),
    "/parties": Text("当事方", "Parties"),
    "/product": Text("产品", "Product"),
    "/details": Text("信息项", "Details"),
}
"""What has no column of its own in a table."""

_ENVELOPE: Final = {member.path: member.label for member in ENVELOPE}
_PARTY: Final = re.compile(r"/parties/\d+(/subject/\w+)?(/\w+)?", re.ASCII)
_PARTY_PARTS: Final = {"/role": Text("当事方角色", "Role"), "/confirmed": Text("是否确认", "Confirmed")}
_ENTRY: Final = re.compile(r"(/details/\w+)/\d+", re.ASCII)
_CHINESE: Final = re.compile("[\u4e00-\u9fff]")


def title_of(kind: str | None, pointer: str) -> Text | None:
    """The title of the column at a JSON pointer, in a kind's own words where it has some; None where there is none."""
    entry = _ENTRY.fullmatch(pointer)
    path = entry[1] if entry else pointer
    declared = KINDS.get(kind or "")
    if declared is not None:
        for member in declared.members:
            if path == f"/details/{member.name}":
                return member.label
        official = declared.headers.get(path)
        if official and _CHINESE.search(official[0]):
            general = _ENVELOPE.get(path)
            return Text(official[0], general.en if general else official[0])
    return _ENVELOPE.get(path) or _PARTS.get(path) or _of_party(path)


def _of_party(path: str) -> Text | None:
    found = _PARTY.fullmatch(path)
    if found is None:
        return None
    whole = _PARTS["/parties"]
    part = _ENVELOPE.get(found[1] or "") or _PARTY_PARTS.get(found[2] or "")
    return Text(f"{whole.zh}·{part.zh}", f"{whole.en}, {part.en}") if part else whole

"""A mapping kept in a file: which kind a clerk's sheet holds and which column fills which field, to be used again."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from services.exchange.client.failures import IncompleteMappingError
from services.exchange.client.heading import Table


class MappingFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The kind, and header → JSON pointer of its field."""

    kind: str
    columns: dict[str, str]


def read_mapping(path: Path) -> MappingFile:
    """The mapping that a file holds.

    Raises:
        IncompleteMappingError: it holds none.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=MappingFile)
    except msgspec.DecodeError as error:
        raise IncompleteMappingError(
            f"{path.name} is no mapping: {error}", "write one with --save-mapping FILE, and change that"
        ) from error


def write_mapping(path: Path, tables: Sequence[Table]) -> None:
    """Keep the mapping by which a file is read; the first sheet's column wins where two sheets differ."""
    columns: dict[str, str] = {}
    for table in tables:
        for field in table.plan.fields:
            columns.setdefault(field.header, field.path)
    kept = msgspec.json.encode(MappingFile(kind=tables[0].plan.kind, columns=columns))
    path.write_bytes(msgspec.json.format(kept, indent=2) + b"\n")

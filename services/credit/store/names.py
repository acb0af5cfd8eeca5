"""Search by any part of a name from two characters on, alike on both databases.

A folded name is indexed by its pairs of neighbouring characters (bigrams). On PostgreSQL an expression index over
the array of bigrams finds candidates and `strpos` rechecks them (`LIKE` would let the planner choose a slower index);
on SQLite a full-text phrase over the bigrams, written as hexadecimal words so that no tokenizer splits them.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from services.kernel.db import AnySession, WriteSession


def fold(name: str) -> str:
    """The form of a name that search compares: NFKC, without blanks, in one case."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def bigrams(folded: str) -> list[str]:
    """Every pair of neighbouring characters, in order."""
    return [folded[place : place + 2] for place in range(len(folded) - 1)]


def _word(pair: str) -> str:
    return "".join(f"{ord(character):06x}" for character in pair)


def index_names(session: WriteSession, names: Sequence[tuple[int, str]]) -> None:
    """Make names findable: `(id, folded)`. PostgreSQL's index does so by itself."""
    if session.connection().dialect.name != "sqlite":
        return
    session.connection().exec_driver_sql(
        "INSERT INTO enterprise_name_index (rowid, pairs) VALUES (?, ?)",
        [(number, " ".join(map(_word, bigrams(folded)))) for number, folded in names],
    )


@dataclass(frozen=True, slots=True)
class Hit:
    """An enterprise by the best of its names that match: whole name, beginning, rest; then shorter; then a current one.
    Enterprises that tie stand by code."""

    rank: int
    length: int
    uscc: str
    name: str
    found_as: str
    region: str


_SELECT = (
    "WITH found AS (SELECT n.id, n.uscc, n.name AS found_as, n.until IS NOT NULL AS is_former, {rank} AS rank,"
    " length(n.folded) AS length FROM {source} WHERE {match}),"
    " best AS (SELECT *, row_number() OVER (PARTITION BY uscc ORDER BY rank, length, is_former, id DESC) AS place"
    " FROM found),"
    " page AS (SELECT * FROM best WHERE place = 1 AND (rank, length, uscc) > ({a}, {b}, {c})"
    " ORDER BY rank, length, uscc LIMIT {limit})"
    " SELECT p.rank, p.length, e.uscc, e.name, p.found_as, e.region FROM page p JOIN enterprise e ON e.uscc = p.uscc"
    " ORDER BY p.rank, p.length, p.uscc"
)
_RANK_SQLITE = "CASE WHEN n.folded = ?1 THEN 0 WHEN instr(n.folded, ?1) = 1 THEN 1 ELSE 2 END"
_RANK_POSTGRES = "CASE WHEN n.folded = %(q)s THEN 0 WHEN strpos(n.folded, %(q)s) = 1 THEN 1 ELSE 2 END"
_SQLITE = _SELECT.format(
    rank=_RANK_SQLITE, source="enterprise_name_index i JOIN enterprise_name n ON n.id = i.rowid",
    match="i.pairs MATCH ?2 AND instr(n.folded, ?1) > 0", a="?3", b="?4", c="?5", limit="?6",
)  # fmt: skip
_POSTGRES = _SELECT.format(
    rank=_RANK_POSTGRES, source="enterprise_name n",
    match="name_bigrams(n.folded) @> %(pairs)s::text[] AND strpos(n.folded, %(q)s) > 0",
    a="%(a)s", b="%(b)s", c="%(c)s", limit="%(limit)s",
)  # fmt: skip


def search(session: AnySession, part: str, *, after: tuple[int, int, str] | None, limit: int) -> list[Hit]:
    """Enterprises one of whose names, current or former, holds the part; at least two characters once folded."""
    folded = fold(part)
    rank, length, uscc = after or (-1, -1, "")
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        phrase = '"' + " ".join(map(_word, bigrams(folded))) + '"'
        rows = connection.exec_driver_sql(_SQLITE, (folded, phrase, rank, length, uscc, limit))
    else:
        values = {"q": folded, "pairs": bigrams(folded), "a": rank, "b": length, "c": uscc, "limit": limit}
        rows = connection.exec_driver_sql(_POSTGRES, values)
    return [Hit(*row) for row in rows]

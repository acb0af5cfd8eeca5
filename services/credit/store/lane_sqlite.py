"""Hot reads on SQLite: one read-only connection, called directly in the event loop (a call takes microseconds, a
thread would cost more than the query)."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec

from services.credit.store.lane import DECISION_IN_FORCE, FileParts, Segments, StoredRecord
from services.kernel.sqlite_reader import SQLiteReader

_COLUMNS: Final = "c.uscc, c.valid_from, c.next_change_on, c.next_until, c.body, c.next_body"
_ACTIVE: Final = "(SELECT id FROM rulebook WHERE active)"
_CARD: Final = f"SELECT {_COLUMNS} FROM card c WHERE c.uscc = ? AND c.rulebook = {_ACTIVE}"
_CARDS: Final = f"SELECT {_COLUMNS} FROM card c WHERE c.uscc IN (SELECT value FROM json_each(?)) AND c.rulebook = {_ACTIVE}"
_RECORDS: Final = (
    "SELECT v.kind, v.region, v.content, m.shown FROM record r"
    " JOIN record_version v ON v.record_id = r.record_id AND v.version = r.current_version"
    " LEFT JOIN record_mark m ON m.record_id = r.record_id"
    " WHERE r.uscc = ? AND r.kind IN (SELECT value FROM json_each(?))"
    " AND (m.shared_until IS NULL OR m.shared_until >= ? OR r.provider = ?)"
    " ORDER BY r.occurred_on DESC, r.record_id DESC LIMIT ?"
)
_DECISION: Final = DECISION_IN_FORCE.format(uscc="?1", day="?2")


class SQLiteLane(SQLiteReader):
    """The hot reads of an SQLite file."""

    async def card(self, uscc: str) -> Segments | None:
        """The card of one enterprise under the active rule book."""
        row = self.db.execute(_CARD, (uscc,)).fetchone()
        return _segments(row) if row else None

    async def cards(self, codes: Sequence[str]) -> dict[str, Segments]:
        """The cards of the known ones among many enterprises."""
        rows = self.db.execute(_CARDS, (msgspec.json.encode(codes).decode(),))
        return {row[0]: _segments(row) for row in rows}

    async def file(
        self, uscc: str, kinds: Sequence[str], limit: int, *, reader: str, on: date
    ) -> FileParts | None:
        """The parts of one enterprise's file, read in one snapshot."""
        self.db.execute("BEGIN")
        try:
            card = self.db.execute(_CARD, (uscc,)).fetchone()
            if card is None:
                return None
            name, region, registered = self.db.execute(
                "SELECT name, region, registered FROM enterprise WHERE uscc = ?", (uscc,)
            ).fetchone()
            former = self.db.execute(
                "SELECT name FROM enterprise_name WHERE uscc = ? AND until IS NOT NULL ORDER BY since DESC",
                (uscc,),
            )
            names = [row[0] for row in former]
            aliases = self.db.execute(
                "SELECT scheme, value FROM enterprise_alias WHERE uscc = ? ORDER BY scheme, value", (uscc,)
            ).fetchall()
            asked = (uscc, msgspec.json.encode(kinds).decode(), on.isoformat(), reader, limit)
            rows = self.db.execute(_RECORDS, asked)
            found = [StoredRecord(*row) for row in rows]
            decision = self.db.execute(_DECISION, (uscc, on.isoformat())).fetchone()
            published = decision[0] if decision else None
            return FileParts(
                _segments(card), name, region, bool(registered), names, aliases, found, published
            )
        finally:
            self.db.execute("COMMIT")


def _segments(row: tuple[str, str, str | None, str | None, str, str | None]) -> Segments:
    uscc, valid_from, next_change_on, next_until, body, next_body = row
    return Segments(
        uscc, date.fromisoformat(valid_from), _day(next_change_on), _day(next_until), body, next_body
    )


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None

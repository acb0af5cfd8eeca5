"""Rule books: the released texts that came with the program, entered once; the first becomes active by itself."""

from datetime import datetime
from importlib.resources import files

from services.credit.domain.rulebook import parse_rulebook
from services.credit.store import rulebooks
from services.kernel.db import Database

FIRST = "2026-01"


def released_text(book_id: str) -> str:
    """The text of a rule book that came with the program."""
    return (files("services.credit") / "rulebook" / f"{book_id}.toml").read_text(encoding="utf-8")


def seed_rulebook(database: Database, now: datetime) -> None:
    """Enter and activate the first rule book in a new database. A released text never changes under its id.

    Raises:
        RuntimeError: the database holds another text under the same id.
    """
    source = released_text(FIRST)
    book = parse_rulebook(source)
    with database.read() as session:
        held = rulebooks.digest_of(session, book.id)
    if held is None:
        with database.write("credit.rulebook_seeded") as session:
            rulebooks.enter_active(session, book.id, digest=book.digest, source=source, now=now)
    elif held != book.digest:
        raise RuntimeError(
            f"rule book {book.id} differs from the released text: release a new one under a new id"
        )

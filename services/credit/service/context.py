"""What every part of the credit service works with, made once by `create_app` and handed down."""

from dataclasses import dataclass, field

from services.credit.domain.rulebook import parse_rulebook
from services.credit.domain.rules import RuleBook
from services.credit.settings import CreditSettings
from services.credit.store import rulebooks
from services.kernel.calendar import WorkCalendar, shipped
from services.kernel.clock import Clock
from services.kernel.db import AnySession, Database


@dataclass(frozen=True)
class Credit:
    """The running service: its settings, its time, its database, its calendar of working days."""

    settings: CreditSettings
    clock: Clock
    database: Database
    calendar: WorkCalendar = field(default_factory=shipped)
    _books: dict[str, RuleBook] = field(default_factory=dict)

    def rulebook(self, session: AnySession) -> RuleBook:
        """The active rule book; parsed once an id, because a released text never changes."""
        return self.rulebook_named(session, rulebooks.active_id(session))

    def rulebook_named(self, session: AnySession, book_id: str) -> RuleBook:
        """A released rule book by its id."""
        if book_id not in self._books:
            self._books[book_id] = parse_rulebook(rulebooks.text_of(session, book_id))
        return self._books[book_id]

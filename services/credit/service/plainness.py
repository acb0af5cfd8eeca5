"""Which items are plain: nothing about them is to be asked, concealed or compared, if no record is known under their id."""

from services.credit.service.confirmation import needs_confirmation
from services.credit.service.personal import has_personal_data
from services.credit.service.statement import Statement


def is_plain(statement: Statement) -> bool:
    """Whether an item is plain, given that no record is known under its id."""
    return (
        statement.operation == "upsert"
        and statement.subject.uscc is not None
        and not needs_confirmation(statement)
        and not has_personal_data(statement)
    )

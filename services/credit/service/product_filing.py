"""Filing the products of records that came before there were products: once, after the migration, in small steps."""

from typing import Final

from services.credit.store import products
from services.kernel.db import Database

STEP: Final = 1_000


def file_products(database: Database) -> int:
    """Name the product of every record in force that names none; answers how many were filed. It may be broken off and
    run again, and pushes may go on meanwhile."""
    after, filed = "", 0
    while True:
        with database.write("credit.products_filed") as session:
            last, found = products.file_unfiled(session, after, STEP)
        filed += found
        if last is None:
            return filed
        after = last

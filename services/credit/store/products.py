"""Products: entered once with the first record that names them, found by any part of name, brand or model.

A product is an identity alone. What is known of it are the records in force whose head names it, so that a record which
is corrected or withdrawn leaves by itself, and a product without records is not found.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.credit.domain.product import Identity, identity_of_content
from services.credit.store.records import RECORD
from services.credit.tables import Product
from services.kernel.bulk import among, insert_rows, joined, select_by_key, update_rows
from services.kernel.db import AnySession, WriteSession

PRODUCT: Final = Product.__table__  # type: ignore[attr-defined]  # added by the table metaclass
_COLUMNS: Final = ("id", "uscc", "folded")
_FEW: Final = 4
"""Up to so many, one statement that minds what is there is quicker than COPY behind a savepoint."""
_NAMED: Final = (
    "SELECT p.id FROM unnest((SELECT string_to_array(%s, ',')), (SELECT string_to_array(%s, ','))) AS named (uscc, id)"
    " JOIN product p ON p.uscc = named.uscc AND p.id = named.id"
)


class StoredProduct(NamedTuple):
    """A product as the table keeps it; name, brand and model as they are compared."""

    id: str
    uscc: str
    name: str
    brand: str
    model: str


def enter(session: WriteSession, identities: Mapping[str, Identity]) -> None:
    """Enter those of the products, by id, that are not there yet."""
    if not identities:
        return
    # in one order, so that two transactions which enter the same ones do not wait for each other in a ring
    named = sorted((identity.producer, product_id) for product_id, identity in identities.items())
    known = _known(session, named)
    rows = [
        (product_id, producer, "\n".join(identities[product_id][1:]))
        for producer, product_id in named
        if product_id not in known
    ]
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        insert_rows(session, PRODUCT, _COLUMNS, rows)
        return
    if len(rows) > _FEW:
        try:
            with connection.begin_nested():
                insert_rows(session, PRODUCT, _COLUMNS, rows)
        except IntegrityError:
            pass  # another transaction has entered one of them meanwhile
        else:
            return
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO product (id, uscc, folded) SELECT entry->>0, entry->>1, entry->>2"
            " FROM jsonb_array_elements(%s::jsonb) AS entry ON CONFLICT (uscc, id) DO NOTHING",
            (msgspec.json.encode(rows).decode(),),
        )


def _known(session: WriteSession, named: Sequence[tuple[str, str]]) -> set[str]:
    """The ids of those that are there already, of pairs of producer and id."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        statement = (
            "SELECT p.id FROM json_each(?) AS named CROSS JOIN product p"
            " ON p.uscc = json_extract(named.value, '$[0]') AND p.id = json_extract(named.value, '$[1]')"
        )
        found = connection.exec_driver_sql(statement, (msgspec.json.encode(named).decode(),))
        return {product_id for (product_id,) in found}
    values = tuple(map(joined, zip(*named, strict=True)))
    return {product_id for (product_id,) in connection.exec_driver_sql(_NAMED, values)}


def _stored(row: Sequence[Any]) -> StoredProduct:
    return StoredProduct(row[0], row[1], *row[2].split("\n"))


_NAMING: Final = text(
    "SELECT v.content FROM record r JOIN record_version v ON v.record_id = r.record_id AND v.version = r.current_version"
    " WHERE r.product_id = :product_id LIMIT 1"
)


def find(session: AnySession, product_id: str) -> StoredProduct | None:
    """A product by its id, as any of its records names it: for an index over products alone none but this would ask."""
    content = session.connection().execute(_NAMING, {"product_id": product_id}).scalar_one_or_none()
    identity = identity_of_content(msgspec.json.decode(content)) if content else None
    return StoredProduct(product_id, *identity) if identity else None


def of_producer(session: AnySession, uscc: str) -> list[StoredProduct]:
    """All products of a producer."""
    return [_stored(row) for row in select_by_key(session, PRODUCT, "uscc", [uscc], _COLUMNS)]


_SEARCH: Final = (
    "SELECT * FROM (SELECT p.id, p.uscc, p.folded, CASE WHEN {place} = 1 THEN 0 ELSE 1 END AS rank,"
    " length(p.folded) AS length FROM product p WHERE {place} > 0{producer}"
    " AND EXISTS (SELECT 1 FROM record r WHERE r.product_id = p.id)) AS found"
    " WHERE (rank, length, id) > (:rank, :length, :id) ORDER BY rank, length, id LIMIT :limit"
)


class ProductHit(NamedTuple):
    """A product that a search found, with what it is ordered by."""

    product: StoredProduct
    rank: int
    length: int


def search(
    session: AnySession, part: str, *, uscc: str | None, after: tuple[int, int, str] | None, limit: int
) -> list[ProductHit]:
    """Products whose name, brand or model holds a folded part (any for ""), of one producer where one is given: those
    whose name begins with it first, then the shorter ones."""
    rank, length, product_id = after or (-1, -1, "")
    is_sqlite = session.connection().dialect.name == "sqlite"
    found = "instr" if is_sqlite else "strpos"
    place = f"{found}(p.folded, :part)" if part else "1"
    statement = _SEARCH.format(place=place, producer=" AND p.uscc = :uscc" if uscc else "")
    values = {"rank": rank, "length": length, "id": product_id, "limit": limit}
    values |= {"part": part} if part else {}
    values |= {"uscc": uscc} if uscc else {}
    rows = session.connection().execute(text(statement), values)
    return [ProductHit(_stored(row), row[3], row[4]) for row in rows]


class ProductRecord(NamedTuple):
    """A record in force about a product, with what its remedies do to it."""

    product_id: str
    record_id: str
    uscc: str
    provider: str
    kind: str
    region: str
    occurred_on: date
    content: str
    disputed: bool
    shared_until: date | None
    used_until: date | None
    remedies: str | None


_RECORDS: Final = (
    "SELECT r.product_id, r.record_id, r.uscc, r.provider, v.kind, v.region, r.occurred_on, v.content,"
    " m.disputed, m.shared_until, m.used_until, m.shown FROM record r"
    " JOIN record_version v ON v.record_id = r.record_id AND v.version = r.current_version"
    " LEFT JOIN record_mark m ON m.record_id = r.record_id WHERE r.product_id {among}"
    " ORDER BY r.occurred_on DESC, r.record_id DESC"
)


def records_of(session: AnySession, ids: Sequence[str]) -> list[ProductRecord]:
    """The records in force about some products, the latest first."""
    if session.connection().dialect.name == "sqlite":
        wanted, values = "IN (SELECT value FROM json_each(:ids))", msgspec.json.encode(ids).decode()
    else:
        wanted, values = among(":ids"), joined(ids)
    rows = session.connection().execute(text(_RECORDS.format(among=wanted)), {"ids": values})
    return [_record(tuple(row)) for row in rows]


def _record(row: tuple[Any, ...]) -> ProductRecord:
    *head, occurred_on, content, disputed, shared_until, used_until, remedies = row
    return ProductRecord._make(
        (*head, _day(occurred_on), content, bool(disputed), _day(shared_until), _day(used_until), remedies)
    )


def _day(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


def file_unfiled(session: WriteSession, after: str, limit: int) -> tuple[str | None, int]:
    """Name the products of the next records in force, by id, that name none; answers the last record looked at (None at
    the end) and how many were filed. What a push changes at the same time waits for it."""
    lock = "" if session.connection().dialect.name == "sqlite" else " FOR UPDATE OF r"
    rows = (
        session.connection()
        .execute(
            text(
                "SELECT r.record_id, v.content FROM record_version v JOIN record r ON r.record_id = v.record_id"
                " AND r.current_version = v.version WHERE v.record_id > :after AND r.product_id IS NULL"
                f" ORDER BY v.record_id LIMIT :limit{lock}"
            ),
            {"after": after, "limit": limit},
        )
        .all()
    )
    named = [
        (record_id, identity)
        for record_id, content in rows
        if '"product":{' in content and (identity := identity_of_content(msgspec.json.decode(content)))
    ]
    enter(session, {identity.id: identity for _, identity in named})
    filed = [(record_id, identity.id) for record_id, identity in named]
    update_rows(session, RECORD, ("record_id",), ("product_id",), filed)
    return (rows[-1][0] if len(rows) == limit else None), len(filed)

"""The catalogue of kinds: what may be pushed, field by field, with the column names under which it arrives."""

from typing import Final

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.exchange.service.catalogue import columns_of, columns_with_choices
from services.kernel.kinds import KINDS
from services.kernel.texts import Text

router: Final = APIRouter(prefix="/v1", tags=["catalogue"])


class CatalogueName(BaseModel):
    """A name in both languages."""

    zh: str
    en: str


class CatalogueColumn(BaseModel):
    """One field of a kind."""

    path: str = Field(description="JSON pointer in a push record")
    type: str = Field(description="text, date, money (yuan, decimal text), integer, boolean, choice or list")
    required: bool
    headers: list[str] = Field(description="Column names that mean this field")
    values: list[str] | None = Field(description="Of a choice, or of a list of choices: the codes")
    labels: dict[str, str] | None = Field(description="The codes' Chinese names")
    synonyms: dict[str, str] | None = Field(
        description="Further ways in which sheets write a code, such as official digits: written → code"
    )
    group: str = Field(description="The field group by which it is granted")
    name: CatalogueName


class CatalogueEntry(BaseModel):
    """One kind of record."""

    kind: str
    name: CatalogueName
    assertion: str = Field(description="Who vouches for it unless the record says otherwise")
    document_number_required: bool
    columns: list[CatalogueColumn]


class Catalogue(BaseModel):
    """Every kind that the platform knows."""

    items: list[CatalogueEntry]
    next: str | None = Field(default=None, description="Always null: the list is whole")


@router.get("/catalogue")
def list_kinds() -> Catalogue:
    """The kinds with their columns; templates and column mappings are made from this."""
    return Catalogue(items=[_entry(code) for code in KINDS])


def _entry(code: str) -> CatalogueEntry:
    kind = KINDS[code]
    columns = [
        CatalogueColumn(
            path=column.path,
            type=column.type,
            required=column.required,
            headers=list(column.headers),
            values=list(column.choices) if columns_with_choices(column) else None,
            labels=column.choices if columns_with_choices(column) else None,
            group=column.group,
            name=_name(column.label),
            synonyms=column.synonyms or None,
        )
        for column in columns_of(code)
    ]
    return CatalogueEntry(
        kind=code,
        name=_name(kind.label),
        assertion=kind.assertion,
        document_number_required=kind.document_number_required,
        columns=columns,
    )


def _name(text: Text) -> CatalogueName:
    return CatalogueName(zh=text.zh, en=text.en)

"""The released rule books, one TOML text each. A released text never changes: its digest stands in every grade."""

from importlib.resources import files


def released_ids() -> tuple[str, ...]:
    """The ids of the released rule books, oldest first."""
    names = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def released_text(rulebook_id: str) -> str:
    """The text of a released rule book.

    Raises:
        KeyError: there is none with this id.
    """
    if rulebook_id not in released_ids():
        raise KeyError(rulebook_id)
    return (files(__name__) / f"{rulebook_id}.toml").read_text(encoding="utf-8")

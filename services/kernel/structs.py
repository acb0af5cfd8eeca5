"""Structs made ready before threads read into them.

msgspec works out the types of a struct when it is first decoded or converted, and two threads that come first at once
make the process die. Two pages of a push do come at once, right after a start: whatever is served is made ready first.
"""

from collections.abc import Iterable, Iterator

import msgspec


def settle(types: Iterable[type[msgspec.Struct]]) -> None:
    """Work out the types of some structs."""
    for each in types:
        msgspec.json.Decoder(each)


def settle_all() -> None:
    """Work out the types of every struct that has been declared. Call before the first thread starts."""
    settle(_below(msgspec.Struct))


def _below(base: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for each in base.__subclasses__():
        yield each
        yield from _below(each)

"""The cached receipt keys of a platform, so that receipts can be verified offline years later."""

from typing import Any

from services.exchange.client.connection import Connection
from services.exchange.client.profile import keys_path, load, store
from services.exchange.client.receipt import merge_keys


def held_keys(base_url: str) -> list[dict[str, Any]]:
    """The keys seen so far."""
    kept = load(keys_path(base_url), dict[str, list[dict[str, Any]]]) or {}
    return kept.get("keys", [])


def refresh_keys(connection: Connection) -> list[dict[str, Any]]:
    """Take the published keys into the cache, which only grows.

    Raises:
        InvalidReceiptError: a known key was exchanged for another.
        RefusedError, UnreachableError: as of any request.
    """
    base_url = connection.profile.base_url
    published = connection.published("/.well-known/receipt-keys.json").get("keys")
    keys = merge_keys(held_keys(base_url), published)
    store(keys_path(base_url), {"keys": keys})
    return keys

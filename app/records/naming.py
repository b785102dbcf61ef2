"""Names that the server gives: random, so that they hold no order, no count and no identity (policy.md section 7)."""

from __future__ import annotations

from app.storage.entropy import random_bytes

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
KEY_LENGTH = 20
DIGITS = bytes(ALPHABET.encode()[byte % 32] for byte in range(256))


def new_key(length: int = KEY_LENGTH) -> str:
    """A random name of letters and digits: 5 bits a character, no order, no count and no identity in it."""
    return random_bytes(length).translate(DIGITS).decode()


def new_version() -> str:
    """A random version id."""
    return new_key(12)


def record_of(resource_type: str, identifier: str) -> str:
    """The record that an id says it belongs to: a Patient's own id, else what stands before the dot; "" if nothing."""
    if resource_type == "Patient":
        return identifier
    head, dot, _ = identifier.partition(".")
    return head if dot else ""

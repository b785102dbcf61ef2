"""Names that the server gives: random, so that they hold no order, no count and no identity (policy.md section 7)."""

from __future__ import annotations

import secrets

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
KEY_LENGTH = 20


def new_key(length: int = KEY_LENGTH) -> str:
    """A random name of letters and digits: 5 bits a character, no order, no count and no identity in it."""
    number = int.from_bytes(secrets.token_bytes((length * 5 + 7) // 8), "big")
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in range(length))


def new_version() -> str:
    """A random version id."""
    return new_key(12)


def record_of(resource_type: str, identifier: str) -> str:
    """The record that an id says it belongs to: a Patient's own id, else what stands before the dot; "" if nothing."""
    if resource_type == "Patient":
        return identifier
    head, dot, _ = identifier.partition(".")
    return head if dot else ""

"""The caller's address behind reverse proxies: who is believed, and in which header."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from app.auth.proxy import whence
from app.rest.request import whence as of_headers
from app.settings import Settings

OURS = frozenset({ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48")})
CLIENT, PROXY = "203.0.113.9", "10.0.0.1"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (CLIENT, CLIENT),
        (f"{CLIENT}:4711", CLIENT),
        (f"1.1.1.1, {CLIENT}", CLIENT),  # what stands before the last stranger was said by him
        (f"{CLIENT}, 10.9.9.9", CLIENT),  # one of ours passed it on to another
        ("10.9.9.9, 10.8.8.8", "10.9.9.9"),
        ("2a01:cb00::1", "2a01:cb00::1"),
        ("[2a01:cb00::1]:443", "2a01:cb00::1"),
        (f"for={CLIENT};proto=https;by=10.0.0.1", CLIENT),
        (f'for=1.1.1.1, For="[2a01:cb00::1]:4711";host="{CLIENT}"', "2a01:cb00::1"),
        ('for="a, for=1.1.1.1', "1.1.1.1"),
        ("for=unknown", PROXY),
        (f"{CLIENT}, _hidden", PROXY),
        (f"{CLIENT}, unknown, 10.9.9.9", "10.9.9.9"),
        ("", PROXY),
        (", ", PROXY),
        ("fe80::1%" + "x" * 5000, PROXY),
        ("1.1.1.1," * 5000 + CLIENT, CLIENT),
        (f"{CLIENT}<script>", PROXY),
    ],
)
def test_the_nearest_that_is_no_proxy_of_ours_is_the_caller(said: str, found: str) -> None:
    assert whence(PROXY, said, OURS) == found
    assert whence("192.0.2.7", said, OURS) == "192.0.2.7"  # a stranger says it of himself
    assert whence(PROXY, said, frozenset()) == PROXY


@pytest.mark.parametrize(("name", "found"), [("x-forwarded-for", "9.9.9.9"), ("forwarded", CLIENT)])
def test_one_header_is_believed_and_no_other(name: str, found: str) -> None:
    """One that the proxies do not write is the client's, whatever it says."""
    settings = Settings(data=Path("nowhere"), proxies=["10.0.0.0/8"], forwarded=name)  # type: ignore[arg-type] # as read
    headers = {b"x-forwarded-for": b"1.1.1.1, 9.9.9.9", b"forwarded": f"for=1.1.1.1, for={CLIENT}".encode()}
    assert of_headers(PROXY, headers, settings) == found
    assert of_headers(PROXY, {}, settings) == PROXY
    assert of_headers("192.0.2.7", headers, settings) == "192.0.2.7"

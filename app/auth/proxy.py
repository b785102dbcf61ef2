"""Whence a request comes, where reverse proxies pass it on (RFC 7239; `X-Forwarded-For`).

A header that says so is believed of the addresses that the setting `proxies` names and of nobody else. It is the one
header that they write (setting `forwarded`): another is the client's own, whatever it says. Of the addresses in it the
last that is no proxy of ours counts: what stands before it was said by strangers.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    Networks = Collection[IPv4Network | IPv6Network]

MOST_HOPS = 16
"""Addresses of one header that are looked at, from its end."""


@lru_cache(maxsize=1000)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def is_proxy(peer: str, proxies: Networks) -> bool:
    """Whether a peer is one of the proxies of the settings."""
    address = _address(peer)
    return address is not None and any(address in proxy for proxy in proxies)


def whence(peer: str, said: str, proxies: Networks) -> str:
    """The caller's address: `peer`, or where that is a proxy of ours, what the header `said` of it holds."""
    found = peer
    if not said or not is_proxy(peer, proxies):
        return found
    for hop in reversed(said.rsplit(",", MOST_HOPS)[-MOST_HOPS:]):
        address = _node(hop)
        if not address:  # hidden by whoever stands there, or nonsense: the next nearest is all that is known
            return found
        found = address
        if not is_proxy(found, proxies):
            return found
    return found


def _node(hop: str) -> str:
    """The address of one hop: bare, with a port, or as the `for` of a `Forwarded` element; "" for what is none."""
    pairs = (pair.strip().partition("=") for pair in hop.split(";"))
    text = next((value for name, _, value in pairs if name.lower() == "for"), hop).strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:  # an IPv4 address and its port
        text = text.partition(":")[0]
    address = None if "%" in text else _address(text)
    return str(address) if address else ""

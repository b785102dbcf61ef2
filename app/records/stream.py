"""Sources that each hold something in one order, read a chunk at a time and merged to one page.

A source is asked again until the page is full: what it passes over (`None`) leaves no gap in the page, nor a page that
is shorter than another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

T = TypeVar("T")
Place = tuple[object, ...]
"""Where something stands in the order of its source: its keys, the heaviest first."""


@dataclass(frozen=True, slots=True)
class Item(Generic[T]):
    """Something of a source: its place, and itself; None where it is passed over."""

    place: Place
    value: T | None


class Stream(Generic[T]):
    """One source: `fetch` gives so many items after a place, and fewer where there are no more."""

    def __init__(
        self, name: str, fetch: Callable[[Place | None, int], Awaitable[list[Item[T]]]], after: Place | None, chunk: int
    ) -> None:
        self.name = name
        self.place = after
        self._fetch = fetch
        self._after = after
        self._chunk = chunk
        self._ended = False
        self._ready: list[Item[T]] = []

    async def head(self) -> Item[T] | None:
        """The next item, None at the end."""
        while not self._ready and not self._ended:
            found = await self._fetch(self._after, self._chunk)
            self._ended = len(found) < self._chunk
            if found:
                self._after = found[-1].place
            self._ready = [item for item in found if item.value is not None]
        return self._ready[0] if self._ready else None

    def take(self) -> T:
        """That item, which is shown: the next page begins after it."""
        item = self._ready.pop(0)
        if item.value is None:
            raise RuntimeError
        self.place = item.place
        return item.value


async def merged(streams: Sequence[Stream[T]], count: int, *, descending: bool) -> tuple[list[T], bool]:
    """So many of all of them in the order of their first keys, and whether there are more."""
    first = max if descending else min
    taken: list[T] = []
    while True:
        heads = [(head.place[0], stream) for stream in streams if (head := await stream.head())]
        if not heads or len(taken) == count:
            return taken, bool(heads)
        taken.append(first(heads, key=_key)[1].take())


def _key(head: tuple[Any, object]) -> Any:  # noqa: ANN401 - an instant or an id
    return head[0]


async def in_turn(streams: Sequence[Stream[T]], count: int) -> tuple[list[T], bool]:
    """So many of them, one source after the other, and whether there are more."""
    taken: list[T] = []
    for stream in streams:
        while await stream.head():
            if len(taken) == count:
                return taken, True
            taken.append(stream.take())
    return taken, False


def packed(streams: Sequence[Stream[T]]) -> list[object]:
    """The places of the sources that a page has shown something of, as the keys of a page token."""
    return [key for one in streams if one.place for key in (one.name, *one.place)]


def unpacked(keys: Sequence[object], width: int) -> dict[str, Place]:
    """Places by the name of their source; each has so many keys."""
    starts = range(0, len(keys), width + 1)
    return {str(keys[start]): tuple(keys[start + 1 : start + 1 + width]) for start in starts}

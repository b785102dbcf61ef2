"""What the door needs of one worker: handed down from the lifespan."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from app.access import Access, Kind
from app.policy.standing import Caller, Standings
from app.records.directory import Directory
from app.storage.balp import Renderer

if TYPE_CHECKING:
    from app.policy.matrix import Matrix
    from app.settings import Settings
    from app.storage.audit import Trail
    from app.storage.contents import Contents
    from app.storage.keys import KeyStore
    from app.storage.replica import Replica
    from app.storage.sealing import Sealer
    from app.storage.session import Database


class NewKind(Exception):  # noqa: N818 - what has to be there first
    """A document kind that was never met: it is made in a transaction of its own, then the write begins again.

    Not beside the write's own transaction: writes that each hold a connection and wait for a second one would wait for
    ever.
    """

    def __init__(self, codings: str) -> None:
        super().__init__()
        self.codings = codings


@dataclass(frozen=True)
class Office:
    """One worker's database, trail, contents and memory. `secret` signs its page tokens, alike on all workers.

    `standings` are those of who asks, `listening` those of who is told.
    """

    settings: Settings
    database: Database
    trail: Trail
    contents: Contents
    matrix: Matrix
    keys: KeyStore
    secret: bytes
    sealer: Sealer
    replica: Replica | None = None
    standings: Standings = field(default_factory=Standings)
    listening: Standings = field(default_factory=Standings)
    directory: Directory = field(default_factory=Directory)

    @cached_property
    def rules(self) -> dict[str, bool]:
        """Settings that the acts read."""
        return {"cumulation": self.settings.visibility_cumulation}

    @cached_property
    def renderer(self) -> Renderer:
        """Makes AuditEvents."""
        return Renderer(self.settings.fhir_base, self.settings.codesystem_base)

    def caller(self, access: Access) -> Caller:
        """The caller as statements need to know him."""
        return Caller(access, self.settings, self.matrix, self.standings)

    @staticmethod
    def writes_only(access: Access) -> bool:
        """Software and the insurer write and read nothing: they are answered without a body."""
        return access.kind in {Kind.SOFTWARE, Kind.INSURER, Kind.DESK}

    def kind(self, codings: str) -> int:
        """Number of a document kind; raises NewKind for one that was never met."""
        if not codings:
            return 0
        if codings not in self.matrix.kinds:
            raise NewKind(codings)
        return self.matrix.kinds[codings]

"""Every refusal, and the one table that turns it into an HTTP status and an issue code.

The exception tree:

    Refusal
    ├── Malformed            400 structure    the bytes are not JSON, or break the FHIR format
    ├── BadValue             400 value        an id, a parameter or a header says something impossible
    ├── Unsupported          400 not-supported  an unknown parameter, modifier or feature
    ├── Unauthenticated      401 login        no token, or a bad one
    ├── Forbidden            403 forbidden    scope, kind of caller, or an act that is another's
    ├── TooCostly            403 too-costly   a search that the server refuses to perform
    ├── NotFound             404 not-found    absent or unseen: the same
    ├── NotAllowed           405 not-supported  the resource cannot be changed this way
    ├── NotAcceptable        406 not-supported
    ├── Duplicate            409 duplicate
    ├── Conflict             409 conflict     a concurrent change won
    ├── Gone                 410 deleted
    ├── StaleVersion         412 conflict     If-Match names another version
    ├── ManyMatches          412 multiple-matches
    ├── TooLarge             413 too-long
    ├── WrongMediaType       415 not-supported
    ├── Invalid              422 invariant    the resource breaks a rule of its type
    ├── BrokenRule           422 business-rule  the act breaks a rule of the record
    ├── Throttled            429 throttled
    └── Unavailable          503 transient    try again: the database or the audit log cannot answer

A message is in lower case, ends without a period, puts the caller's own values in backticks and holds
neither internals nor another person's data.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Issue:
    """One `OperationOutcome.issue`: severity, issue code, reason code, English diagnostics, FHIRPath expressions.

    `also` is what IHE calls it, where the expression does not tell any more (`app.resources.xds`).
    """

    code: str
    diagnostics: str
    reason: str = ""
    expression: tuple[str, ...] = ()
    severity: str = "error"
    also: str = ""


class Refusal(Exception):  # noqa: N818 - a refusal is the domain's word
    """A request that is answered with an OperationOutcome.

    `reason` is our reason code (`details.coding`), `expression` the FHIRPath of the element at fault, `headers`
    go out with the answer (`Allow`, `WWW-Authenticate`, `Retry-After`). `verdict` (the true reason), `record`,
    `documents` (ids of those that it betrays) and `secret` (it comes of a secret connection) are for the trail and
    never for the wire.
    """

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    code: ClassVar[str] = "exception"

    def __init__(
        self,
        diagnostics: str,
        *,
        reason: str = "",
        expression: tuple[str, ...] = (),
        headers: dict[str, str] | None = None,
        issues: tuple[Issue, ...] = (),
    ) -> None:
        super().__init__(diagnostics)
        self.headers = headers or {}
        self.reason = reason
        self.verdict = ""
        self.record = ""
        self.documents: tuple[str, ...] = ()
        self.secret = False
        self.issues = issues or (Issue(self.code, diagnostics, reason, expression),)

    def about(self, record: str, verdict: str = "", documents: tuple[str, ...] = ()) -> Refusal:
        """The same refusal, with what the trail says of it."""
        self.record, self.verdict, self.documents = record, verdict, documents
        return self


class Malformed(Refusal):
    status = HTTPStatus.BAD_REQUEST
    code = "structure"


class BadValue(Refusal):
    status = HTTPStatus.BAD_REQUEST
    code = "value"


class Unsupported(Refusal):
    status = HTTPStatus.BAD_REQUEST
    code = "not-supported"


class Unauthenticated(Refusal):
    status = HTTPStatus.UNAUTHORIZED
    code = "login"


class Forbidden(Refusal):
    status = HTTPStatus.FORBIDDEN
    code = "forbidden"


class NotFound(Refusal):
    status = HTTPStatus.NOT_FOUND
    code = "not-found"


class NotAllowed(Refusal):
    status = HTTPStatus.METHOD_NOT_ALLOWED
    code = "not-supported"


class NotAcceptable(Refusal):
    status = HTTPStatus.NOT_ACCEPTABLE
    code = "not-supported"


class Duplicate(Refusal):
    status = HTTPStatus.CONFLICT
    code = "duplicate"


class Conflict(Refusal):
    status = HTTPStatus.CONFLICT
    code = "conflict"


class Gone(Refusal):
    status = HTTPStatus.GONE
    code = "deleted"


class StaleVersion(Refusal):
    status = HTTPStatus.PRECONDITION_FAILED
    code = "conflict"


class ManyMatches(Refusal):
    status = HTTPStatus.PRECONDITION_FAILED
    code = "multiple-matches"


class TooLarge(Refusal):
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "too-long"


class WrongMediaType(Refusal):
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "not-supported"


class Invalid(Refusal):
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invariant"


class BrokenRule(Refusal):
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "business-rule"


class TooCostly(Refusal):
    status = HTTPStatus.FORBIDDEN
    code = "too-costly"


class Throttled(Refusal):
    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "throttled"
    first = True

    def once(self, *, first: bool) -> Throttled:
        """The same refusal; the trail has the first of those that follow each other, and counters have them all."""
        self.first = first
        return self


class Unavailable(Refusal):
    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "transient"

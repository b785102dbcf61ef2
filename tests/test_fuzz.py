"""Odd requests by three kinds of caller: each answer can be read, is one that the OpenAPI document names, and no fault.

The quick run asks some hundreds, always the same. `pytest tests/test_fuzz.py --fuzz 5000` asks so many of each kind,
others each time; what it finds is printed in its smallest form.
"""

from __future__ import annotations

import contextlib
import time
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

from app.auth import mint
from tests import odd
from tests.running import listening
from tests.serving import NIRS, Carnet, document, open_record
from tests.witness import DOCUMENT, Witness, operation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from hypothesis.strategies import SearchStrategy
    from schemathesis import Case

    from app.storage.embedded import Urls

QUICK = 30
"""Odd requests of each kind in the quick run; it makes two of the document of each operation of `SHORT`."""
SHORT = ("/fhir/DocumentReference", "/fhir/Binary")
ALL = list(HealthCheck)
KINDS = [odd.searches, odd.writes, odd.patches, odd.bundles, odd.others, odd.operations]
REFUSED = {400, 401, 403, 404, 405, 406, 413, 414, 415}
"""Answers to a request that the document does not know."""


@dataclass
class Fuzzed:
    """A server with two records, the tokens of three callers, and what stands for `{record}` and the like."""

    http: httpx.Client
    names: dict[str, str]
    tokens: dict[str, str]
    witness: Witness = field(default_factory=Witness)

    def filled(self, text: str) -> str:
        """A text with real ids in it."""
        for name, id in self.names.items():
            text = text.replace(f"{{{name}}}", id)
        return text

    def ask(self, one: odd.Odd) -> None:
        """Send a request and judge its answer."""
        content = None if one.content is None else self.filled(one.content.decode("latin-1")).encode("latin-1")
        headers = {name.encode(): self.filled(value).encode() for name, value in one.headers.items()}
        headers[b"Authorization"] = f"Bearer {self.tokens[one.who]}".encode()
        self.request(one.method, f"/fhir/{self.filled(one.path)}", headers=headers, content=content)

    def send(self, case: Case[Any], token: str) -> None:
        """Send a case of schemathesis and judge its answer."""
        sent = case.as_transport_kwargs(base_url=str(self.http.base_url).rstrip("/"))
        headers = [(name.encode(), value.encode()) for name, value in sent["headers"].items() if value.isprintable()]
        headers = [one for one in headers if one[0].lower() != b"authorization"]
        headers.append((b"Authorization", f"Bearer {token}".encode()))
        body = sent.get("data")
        more = {"content" if isinstance(body, bytes | str) else "data": body, "json": sent.get("json")}
        more = {name: value for name, value in more.items() if value is not None} | {"params": sent.get("params")}
        self.request(sent["method"], sent["url"], headers=headers, **more)

    def request(self, method: str, url: str, **more: Any) -> None:
        """A request, once more where the server was too busy, and the judgement of its answer."""
        answer = self.http.request(method, url, **more)
        if answer.status_code == 503:
            time.sleep(float(answer.headers["retry-after"]))
            answer = self.http.request(method, url, **more)
        self.judge(answer)

    def judge(self, answer: httpx.Response) -> None:
        """AssertionError for an answer that no request may get."""
        method, path = answer.request.method, answer.request.url.path
        sent = {**answer.request.headers, "authorization": "…"}
        asked = f"{method} {answer.request.url} {sent} {answer.request.content[:3000]!r}"
        where = f"{asked}\n{answer.status_code} {answer.text[:500]}"
        assert answer.status_code < 500, where
        kind = answer.headers.get("content-type", "").partition(";")[0]
        if answer.content and kind.endswith("json"):
            orjson.loads(answer.content)
        elif answer.content and kind.endswith("xml"):
            ET.fromstring(answer.content)  # noqa: S314 - our own answer
        if answer.status_code >= 400 and method != "HEAD":
            told = b"OperationOutcome" if answer.request.url.path.startswith("/fhir") else b'"error"'  # RFC 6749
            assert told in answer.content, where
        try:
            operation(method, path)
        except KeyError:
            assert answer.status_code in REFUSED or method == "OPTIONS", where
        else:
            self.witness.look(answer)


async def made(carnet: Carnet, http: httpx.Client) -> Fuzzed:
    """Two records, of which one is well known to a doctor, and who asks."""
    doctor = carnet.doctor()
    record = await open_record(doctor, treating="810000000001")
    other = await open_record(carnet.doctor("810000000009"), NIRS[1])
    names = {"record": record, "other": other, "document": await doctor.make(document(record))}
    claims = {
        "doctor": mint.professional("810000000001", specialty="SM54", structure="1750000001"),
        "holder": mint.holder(record),
        "software": mint.software("ehr", "1750000001"),
    }
    return Fuzzed(http, names, {who: carnet.token(told) for who, told in claims.items()})


@pytest.fixture(scope="module")
async def fuzzed(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fuzzed]:
    async with listening(module_database_urls, tmp_path_factory.mktemp("data")) as carnet:
        with httpx.Client(base_url=carnet.settings.public_url, trust_env=False, timeout=60) as http:
            yield await made(carnet, http)


@pytest.fixture(scope="module")
def most(request: pytest.FixtureRequest) -> int:
    """How many requests of each kind were asked for; 0 for the quick run."""
    return int(request.config.getoption("--fuzz"))


def chosen(most: int, quick: int) -> settings:
    """So many draws: the same each time in the quick run, others and their smallest form in the long one."""
    phases = (Phase.generate, Phase.shrink) if most else (Phase.generate,)
    return settings(
        max_examples=most or quick, derandomize=not most, phases=phases, database=None, deadline=None,
        suppress_health_check=ALL, print_blob=False,
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_odd_requests(fuzzed: Fuzzed, most: int, kind: Callable[[], SearchStrategy[odd.Odd]]) -> None:
    chosen(most, QUICK)(given(kind())(fuzzed.ask))()


def test_the_requests_of_the_document(fuzzed: Fuzzed, most: int) -> None:
    """Every operation, as schemathesis draws it of its schemas, and against them in the long run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries that it loads
        import schemathesis  # noqa: PLC0415 - a second for each worker, and only one asks here
        from schemathesis import GenerationMode  # noqa: PLC0415
        from schemathesis.core.result import Ok  # noqa: PLC0415

    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE] if most else [GenerationMode.POSITIVE]
    callers, asked = list(fuzzed.tokens.values()), 0

    def ask(case: Case[Any]) -> None:
        nonlocal asked
        asked += 1
        if "id" in (case.path_parameters or {}) and asked % 2:
            case.path_parameters["id"] = fuzzed.names["document" if asked % 4 == 1 else "record"]
        fuzzed.send(case, callers[asked % len(callers)])

    paths = {
        path: told for path, told in DOCUMENT["paths"].items() if most or path == "/fhir" or path.startswith(SHORT)
    }
    for found in schemathesis.openapi.from_dict({**DOCUMENT, "paths": paths}).get_all_operations():
        assert isinstance(found, Ok)
        for mode in modes:
            # Of an operation that takes nothing there is nothing to draw against it.
            with contextlib.suppress(Unsatisfiable):
                chosen(most // 20, 2)(given(found.ok().as_strategy(mode))(ask))()
    assert asked > 30

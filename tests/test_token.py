"""Tokens as an attacker makes them: nothing but a sound one passes, and nothing but a 401 answers the others."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from app.access import Access, Kind
from app.auth import mint
from app.auth.keys import Key, SigningKeys
from app.auth.token import LEEWAY, TOKEN_LIMIT, Verifier
from app.errors import Unauthenticated
from app.settings import Settings

NOW = 1_800_000_000
BASE = "https://carnet.example"
KEYS = SigningKeys.of(RSAKey.generate_key(2048), ECKey.generate_key("P-384"))
OTHER = SigningKeys.of(RSAKey.generate_key(2048))
CLAIMS = mint.professional("899700218896", structure="1750000001") | {
    "iss": BASE,
    "aud": f"{BASE}/fhir",
    "iat": NOW,
    "exp": NOW + 300,
    "jti": "j1",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, base_url=BASE)


@pytest.fixture
def verifier(settings: Settings) -> Verifier:
    return Verifier(settings, KEYS)


def signed(**changes: object) -> str:
    """A token of ours with these claims changed; None takes a claim away."""
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not None}
    return f"Bearer {KEYS.sign(claims)}"


def headed(header: dict[str, Any], key: Key = KEYS.private) -> str:
    """A token with a header of the attacker's, well signed with the algorithm that it names."""
    registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    return "Bearer " + jws.serialize_compact(header, json.dumps(CLAIMS), key, registry=registry)


def raw(header: object, claims: object, signature: bytes = b"x") -> str:
    return "Bearer " + ".".join(encoded(part) for part in (json.dumps(header), json.dumps(claims), signature))


def encoded(part: str | bytes) -> str:
    data = part.encode() if isinstance(part, str) else part
    return urlsafe_b64encode(data).decode().rstrip("=")


def refused(verifier: Verifier, authorization: str | None, now: float = NOW) -> str:
    """The description with which a token is refused."""
    with pytest.raises(Unauthenticated) as refusal:
        verifier.verify(authorization, now)
    assert refusal.value.headers["WWW-Authenticate"].startswith('Bearer realm="carnet"')
    return str(refusal.value)


def test_a_sound_token_is_its_caller(verifier: Verifier) -> None:
    access = verifier.verify(signed(), NOW)
    assert (access.kind, access.subject, access.jti) == (Kind.PROFESSIONAL, "person|899700218896", "j1")
    assert verifier.verify(signed().replace("Bearer", "bearer"), NOW) == access
    assert verifier.verify(signed(aud=["https://other.example", f"{BASE}/fhir"]), NOW) == access


def test_an_elliptic_key_signs_too(settings: Settings) -> None:
    keys = SigningKeys.of(ECKey.generate_key("P-384"))
    assert Verifier(settings, keys).verify(f"Bearer {keys.sign(CLAIMS)}", NOW).kind is Kind.PROFESSIONAL


def test_a_retired_key_verifies_until_it_is_taken_away(settings: Settings) -> None:
    renewed = SigningKeys.of(OTHER.private, KEYS.private)
    assert Verifier(settings, renewed).verify(signed(), NOW).jti == "j1"
    assert "known key" in refused(Verifier(settings, OTHER), signed())


@pytest.mark.parametrize("header", [None, "", "Basic YTpi", "Token x", "Bearertoken"])
def test_without_a_token_the_challenge_is_plain(verifier: Verifier, header: str | None) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        verifier.verify(header, NOW)
    assert refusal.value.headers == {"WWW-Authenticate": 'Bearer realm="carnet"'}


def test_a_bad_token_is_named_as_such(verifier: Verifier) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        verifier.verify(signed(iss="https://evil.example"), NOW)
    challenge = refusal.value.headers["WWW-Authenticate"]
    assert challenge.endswith('error="invalid_token", error_description="the token comes from another issuer"')


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, ["RS384"], {"a": 1}, 1])
@pytest.mark.parametrize("signature", [b"", b"x"])
def test_no_unsigned_token(verifier: Verifier, alg: object, signature: bytes) -> None:
    refused(verifier, raw({"alg": alg, "kid": KEYS.kid}, CLAIMS, signature))


@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
def test_a_public_key_is_no_shared_secret(verifier: Verifier, alg: str) -> None:
    public = KEYS.public[KEYS.kid]
    for secret in (public.as_pem(private=False), public.as_der(private=False), json.dumps(KEYS.jwks()).encode()):
        header, claims = encoded(json.dumps({"alg": alg, "kid": KEYS.kid})), encoded(json.dumps(CLAIMS))
        mac = hmac.digest(secret, f"{header}.{claims}".encode(), f"sha{alg[2:]}")
        assert "known key" in refused(verifier, f"Bearer {header}.{claims}.{encoded(mac)}")


@pytest.mark.parametrize("alg", ["RS256", "RS512", "PS384"])
def test_another_algorithm_of_the_right_key_is_refused(verifier: Verifier, alg: str) -> None:
    assert "known key" in refused(verifier, headed({"alg": alg, "kid": KEYS.kid}))


def test_an_algorithm_fits_the_type_of_its_key(verifier: Verifier) -> None:
    elliptic = next(kid for kid in KEYS.public if kid != KEYS.kid)
    assert "known key" in refused(verifier, headed({"alg": "RS384", "kid": elliptic}))
    assert "known key" in refused(verifier, raw({"alg": "ES384", "kid": KEYS.kid}, CLAIMS))


@pytest.mark.parametrize("kid", [None, "", "unknown", 7, ["a"], {"a": 1}])
def test_an_unknown_kid_is_refused(verifier: Verifier, kid: object) -> None:
    assert "known key" in refused(verifier, raw({"alg": "RS384", "kid": kid}, CLAIMS))
    assert "known key" in refused(verifier, raw({"alg": "RS384"}, CLAIMS))


def test_another_key_under_our_kid_is_refused(verifier: Verifier) -> None:
    assert "signature" in refused(verifier, headed({"alg": "RS384", "kid": KEYS.kid}, OTHER.private))


@pytest.mark.parametrize(
    "extra",
    [
        {"jwk": OTHER.public[OTHER.kid].as_dict(private=False)},
        {"jku": "https://evil.example/jwks"},
        {"x5c": ["MIIB"]},
        {"crit": ["exp"], "exp": 1},
        {"b64": False},
        {"zip": "DEF"},
        {"typ": "id+jwt"},
        {"typ": None},
        {"typ": ["JWT"]},
    ],
)
def test_a_header_that_brings_more_is_refused(verifier: Verifier, extra: dict[str, Any]) -> None:
    assert "header" in refused(verifier, raw({"alg": "RS384", "kid": KEYS.kid} | extra, CLAIMS))


@pytest.mark.parametrize("typ", ["JWT", "jwt", "at+jwt", "application/at+jwt"])
def test_a_well_signed_token_of_each_type_passes(verifier: Verifier, typ: str) -> None:
    assert verifier.verify(headed({"alg": "RS384", "kid": KEYS.kid, "typ": typ}), NOW).jti == "j1"
    assert verifier.verify(headed({"alg": "RS384", "kid": KEYS.kid}), NOW).jti == "j1"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"iss": "https://evil.example"}, "issuer"),
        ({"iss": f"{BASE}/"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"iss": [BASE]}, "issuer"),
        ({"aud": "https://evil.example/fhir"}, "audience"),
        ({"aud": f"{BASE}/fhir/"}, "audience"),
        ({"aud": f"{BASE}/fhir https://b.example"}, "audience"),
        ({"aud": None}, "audience"),
        ({"aud": []}, "audience"),
        ({"aud": {f"{BASE}/fhir": 1}}, "audience"),
        ({"aud": [[f"{BASE}/fhir"], 1, None]}, "audience"),
        ({"exp": None}, "`exp`"),
        ({"exp": str(NOW + 60)}, "`exp`"),
        ({"exp": True}, "`exp`"),
        ({"exp": -1}, "`exp`"),
        ({"exp": 1e300}, "`exp`"),
        ({"exp": (1 << 63) - 1}, "`exp`"),
        ({"exp": NOW - LEEWAY}, "expired"),
        ({"exp": 0}, "expired"),
        ({"iat": None}, "`iat`"),
        ({"iat": "now"}, "`iat`"),
        ({"iat": NOW + LEEWAY + 1}, "not valid yet"),
        ({"nbf": NOW + LEEWAY + 1}, "not valid yet"),
        ({"iat": NOW + LEEWAY + 1, "nbf": NOW}, "not valid yet"),
        ({"nbf": "later"}, "`nbf`"),
        ({"exp": NOW + 300 + LEEWAY + 1}, "too long"),
        ({"iat": NOW - 100, "exp": NOW + 206}, "too long"),
        ({"sandbox": "true"}, "`sandbox`"),
        ({"sandbox": 1, "exp": NOW + 3600}, "`sandbox`"),
        ({"sandbox": False, "exp": NOW + 3600}, "too long"),
        ({"kind": None}, "`kind`"),
        ({"kind": "operator"}, "`kind`"),
        ({"kind": "admin"}, "`kind`"),
        ({"sub": None}, "`sub`"),
        ({"jti": None}, "`jti`"),
    ],
)
def test_a_claim_that_does_not_hold(verifier: Verifier, change: dict[str, object], reason: str) -> None:
    assert reason in refused(verifier, signed(**change))


def test_clocks_may_differ_by_the_leeway(verifier: Verifier) -> None:
    assert verifier.verify(signed(iat=NOW + LEEWAY, nbf=NOW + LEEWAY), NOW).jti == "j1"
    assert verifier.verify(signed(iat=NOW - 300, exp=NOW - LEEWAY + 1), NOW).jti == "j1"
    assert verifier.verify(signed(iat=NOW - 0.5, exp=NOW + 1.5), NOW).jti == "j1"


def test_other_callers_live_an_hour_at_most(verifier: Verifier) -> None:
    desk = mint.desk("1750000001") | {"iss": BASE, "aud": f"{BASE}/fhir", "iat": NOW, "jti": "j2"}
    assert verifier.verify(f"Bearer {KEYS.sign(desk | {'exp': NOW + 3600})}", NOW).kind is Kind.DESK
    assert "too long" in refused(verifier, f"Bearer {KEYS.sign(desk | {'exp': NOW + 3606})}")


def test_production_takes_no_sandbox_token(settings: Settings, tmp_path: Path) -> None:
    minted = f"Bearer {mint.mint(KEYS, settings, mint.professional('899700218896'))}"
    assert Verifier(settings, KEYS).verify(minted).subject == "person|899700218896"
    production = Verifier(Settings(data=tmp_path, base_url=BASE, sandbox_tokens=False), KEYS)
    assert "sandbox" in refused(production, minted, time.time())
    assert "sandbox" in refused(production, signed(sandbox=True))
    assert production.verify(signed(), NOW).jti == "j1"


def test_a_remembered_token_expires_on_time(verifier: Verifier) -> None:
    authorization = signed()
    first = verifier.verify(authorization, NOW)
    assert verifier.verify(authorization, NOW + 304) is first
    assert "expired" in refused(verifier, authorization, NOW + 305)
    assert "expired" in refused(verifier, authorization, NOW + 305)


def test_a_revoked_token_ends_at_once(settings: Settings) -> None:
    revoked: set[str] = set()
    verifier = Verifier(settings, KEYS, lambda one: one.access.jti in revoked)
    authorization = signed()
    assert verifier.verify(authorization, NOW).jti == "j1"
    revoked.add("j1")
    assert "revoked" in refused(verifier, authorization)
    assert verifier.verify(signed(jti="j2"), NOW).jti == "j2"


def test_a_remembered_token_lends_nothing_to_its_neighbours(verifier: Verifier) -> None:
    authorization = signed()
    verifier.verify(authorization, NOW)
    head, claims, signature = authorization.split(".")
    forged = encoded(json.dumps(CLAIMS | {"regulator": True}))
    assert "signature" in refused(verifier, f"{head}.{forged}.{signature}")
    assert "signature" in refused(verifier, f"{head}.{claims}.{encoded(b'x' * 256)}")


def test_what_is_remembered_is_bounded(settings: Settings) -> None:
    verifier = Verifier(settings, KEYS, limit=2)
    first, second, third = (signed(jti=jti) for jti in ("a", "b", "c"))
    kept = verifier.verify(first, NOW)
    gone = verifier.verify(second, NOW)
    assert verifier.verify(first, NOW) is kept
    verifier.verify(third, NOW)
    assert verifier.verify(first, NOW) is kept
    assert verifier.verify(second, NOW) is not gone


def broken() -> Iterator[str]:
    whole = signed().removeprefix("Bearer ")
    head, claims, signature = whole.split(".")
    yield from (whole[:-1], whole[: len(whole) // 2], f"{head}.{claims}", f"{head}.{claims}.", f".{claims}.{signature}")
    yield from (f"{whole}.", f"{whole}...", f"{whole}.{claims}.{signature}", f"{head}..{signature}", "...", ".", "")
    yield from (f"{whole} x", f"{whole}\n", f"{whole}\0", f"{whole}=", f"{whole}é", f"{head}.{claims}.+/{signature}")
    yield from (f"{encoded('no JSON')}.{claims}.{signature}", f"{encoded('[]')}.{claims}.{signature}")
    yield from (f"{encoded(b'[' * 9000)}.{claims}.{signature}", f"{encoded(b'1' * 9000)}.{claims}.{signature}")
    twice = f'{{"alg":"none","alg":"RS384","kid":"{KEYS.kid}"}}'
    yield from (f"{encoded(twice)}.{claims}.{signature}", f"a.{claims}.{signature}", f"_w.{claims}.x")
    yield "a" * (TOKEN_LIMIT + 1)


@pytest.mark.parametrize("bearer", list(broken()))
def test_a_broken_token_is_refused(verifier: Verifier, bearer: str) -> None:
    refused(verifier, f"Bearer {bearer}")


@pytest.mark.parametrize("payload", ["", "[]", "null", "1", '"x"', "{", "[" * 5000, '{"iss":1,"iss":2}', '{"exp":NaN}'])
def test_well_signed_nonsense_is_refused(verifier: Verifier, payload: str) -> None:
    header = {"alg": "RS384", "kid": KEYS.kid}
    refused(verifier, "Bearer " + jws.serialize_compact(header, payload, KEYS.private, algorithms=["RS384"]))


@pytest.mark.parametrize("kinds", ['"desk","kind":"professional"', '"professional","kind":"professional"'])
def test_a_claim_said_twice_is_refused(verifier: Verifier, kinds: str) -> None:
    payload = json.dumps(CLAIMS).replace('"kind": "professional"', f'"kind":{kinds}')
    bearer = jws.serialize_compact({"alg": "RS384", "kid": KEYS.kid}, payload, KEYS.private, algorithms=["RS384"])
    assert "JSON object" in refused(verifier, f"Bearer {bearer}")


def test_a_huge_token_is_refused_however_well_signed(verifier: Verifier) -> None:
    assert "too long" in refused(verifier, signed(padding="x" * TOKEN_LIMIT))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["system", "ihe_iua"]), inner),
    max_leaves=4,
)  # fmt: skip


@examples(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.dictionaries(st.sampled_from([*CLAIMS, "nbf", "sandbox", "regulator", "secret"]), JSON, max_size=3))
def test_well_signed_claims_of_any_type(verifier: Verifier, changes: dict[str, object]) -> None:
    try:
        access = verifier.verify(f"Bearer {KEYS.sign(CLAIMS | changes)}", NOW)
    except Unauthenticated:
        return
    assert isinstance(access, Access)


@examples(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(header=st.text(max_size=60) | st.from_regex(r"Bearer [A-Za-z0-9_-]{0,40}(\.[A-Za-z0-9_-]{0,40}){0,4}"))
def test_any_header_is_refused(verifier: Verifier, header: str) -> None:
    refused(verifier, header)

"""The keys that sign tokens; test_keys.py is about the keys of the records."""

import base64
import hashlib
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from app.auth.keys import NEW_KEY_BITS, SIGNING, VERIFYING, Key, SigningKeys, algorithm

LOAD = """
import sys
from pathlib import Path
from app.auth.keys import SigningKeys
print(SigningKeys.load(Path(sys.argv[1])).kid)
"""


def write(path: Path, key: Key, *, private: bool) -> None:
    path.write_bytes(key.as_pem(private=private))
    path.chmod(0o600)


def test_the_first_start_makes_a_private_key_that_stays(tmp_path: Path) -> None:
    data = tmp_path / "deep" / "data"
    keys = SigningKeys.load(data)
    assert stat.S_IMODE((data / SIGNING).stat().st_mode) == 0o600
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert [path.name for path in data.iterdir()] == [SIGNING]
    assert isinstance(keys.private, RSAKey)
    assert keys.private.raw_value.key_size == NEW_KEY_BITS
    assert SigningKeys.load(data).kid == keys.kid


def test_processes_that_start_at_once_end_with_one_key(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LOAD, str(tmp_path)]
    starts = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert len({start.communicate()[0] for start in starts}) == 1
    assert [start.returncode for start in starts] == [0, 0, 0]
    assert [path.name for path in tmp_path.iterdir()] == [SIGNING]


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    write(tmp_path / SIGNING, RSAKey.generate_key(2048), private=True)
    (tmp_path / SIGNING).chmod(0o640)
    with pytest.raises(PermissionError, match="0600"):
        SigningKeys.load(tmp_path)


def test_a_public_key_cannot_sign(tmp_path: Path) -> None:
    write(tmp_path / SIGNING, RSAKey.generate_key(2048), private=False)
    with pytest.raises(ValueError, match="cannot sign"):
        SigningKeys.load(tmp_path)


def test_a_key_set_names_every_public_key_and_no_private_part(tmp_path: Path) -> None:
    old, new = RSAKey.generate_key(2048), ECKey.generate_key("P-384")
    write(tmp_path / SIGNING, new, private=True)
    (tmp_path / VERIFYING).mkdir()
    write(tmp_path / VERIFYING / "old.pem", old, private=True)
    shown = SigningKeys.load(tmp_path).jwks()["keys"]
    assert [(key["kid"], key["alg"]) for key in shown] == [(new.thumbprint(), "ES384"), (old.thumbprint(), "RS384")]
    assert not {"d", "p", "q", "dp", "dq", "qi"} & {name for key in shown for name in key}


def test_the_kid_is_the_thumbprint_of_rfc_7638() -> None:
    key = RSAKey.generate_key(2048)
    shown = key.as_dict(private=False)
    canonical = f'{{"e":"{shown["e"]}","kty":"RSA","n":"{shown["n"]}"}}'  # section 3.2: the required members, sorted
    digest = hashlib.sha256(canonical.encode()).digest()
    assert SigningKeys.of(key).kid == base64.urlsafe_b64encode(digest).decode().rstrip("=")


@pytest.mark.filterwarnings("ignore:Key size:joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("make", [lambda: RSAKey.generate_key(1024), lambda: ECKey.generate_key("P-256")])
def test_a_weak_key_is_refused(make: Callable[[], Key]) -> None:
    with pytest.raises(ValueError, match="2048 bits or EC P-384"):
        SigningKeys.of(make())


@pytest.mark.parametrize("make", [lambda: RSAKey.generate_key(2048), lambda: ECKey.generate_key("P-384")])
def test_what_a_key_signs_its_public_half_verifies(make: Callable[[], Key]) -> None:
    keys = SigningKeys.of(make())
    public = keys.public[keys.kid]
    signed = jws.deserialize_compact(keys.sign({"a": 1}), public, algorithms=[algorithm(public)])
    assert signed.payload == b'{"a":1}'
    assert signed.headers() == {"alg": algorithm(public), "kid": keys.kid, "typ": "at+jwt"}
    assert not public.is_private

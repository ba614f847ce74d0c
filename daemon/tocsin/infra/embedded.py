"""The store's own server: a Valkey or Redis run as a child on a unix socket in the data folder.

Laws:
1. One daemon a data folder (`daemon.lock`), one server a data folder (`server.lock`, held by the server itself, so that
   it is free exactly when the last one is really gone).
2. The child ends with the daemon, however that ends; what it has acknowledged is in its append-only file by then.
3. It is reachable through a socket that only this user can open; it listens on no port.
4. Calls block; they may come from any thread.
"""

import contextlib
import hashlib
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from tocsin.errors import EmbeddedStoreError, StoreUnavailable
from tocsin.infra import leash
from tocsin.infra.folder_lock import FolderLock
from tocsin.infra.server_binary import find_server_binary
from tocsin.infra.server_log import ServerLog

_log = structlog.get_logger(__name__)

_SOCKET_PATH_BYTES = 107  # sockaddr_un.sun_path holds 108, with the final NUL
_POLL_SECONDS = 0.02
_OLD_SERVER_SECONDS = 10.0
_START_SECONDS = 15.0
_ANSWER_SECONDS = 5.0
_STOP_SECONDS = 10.0
_STEADY_SECONDS = 60.0
_LONGEST_BACKOFF = 60.0
_ENVIRONMENT = ("LD_LIBRARY_PATH", "TZ")  # the server has no use for the daemon's secrets


class EmbeddedServer:
    """A server for one data folder."""

    def __init__(
        self,
        data_dir: Path,
        *,
        binary: Path | None = None,
        old_server_wait: timedelta = timedelta(seconds=_OLD_SERVER_SECONDS),
    ) -> None:
        """Touches nothing yet. `binary` is found if not given; `old_server_wait` is for one that is still ending."""
        self._data_dir = data_dir.absolute()
        self._folder = self._data_dir / "store"
        self._binary = binary
        self._old_server_wait = old_server_wait.total_seconds()
        self._mutex = threading.RLock()
        self._daemon_lock: FolderLock | None = None
        self._keeper: ThreadPoolExecutor | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._server_log = ServerLog(self._folder / "server.log")
        self._socket = _socket_path(self._folder)
        self._private_folder: Path | None = None
        self._started_at = self._next_try = self._backoff = 0.0
        self._failure = ""

    @property
    def url(self) -> str:
        """Where the server of this folder listens, whether this object or another daemon runs it."""
        return f"unix://{quote(str(self._socket))}"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> str:
        """Take the data folder, start the server, wait until it has loaded its data. Returns its URL.

        Raises:
            EmbeddedStoreError: if the folder can't be used or is in use, no server program is found, or it gives up.
        """
        with self._mutex:
            if self._daemon_lock is not None:
                return self.url
            try:
                self._daemon_lock = self._take_folder()
                self._binary = self._binary or find_server_binary()
                if self._socket.parent != self._folder:
                    self._private_folder = self._take_private_folder(self._socket.parent)
                self._keeper = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedded-store")
                self._launch(self._binary)
            except OSError as error:
                self._let_go()
                no_folder = isinstance(error, FileExistsError | NotADirectoryError)
                cure = "" if no_folder else f"make it writable for user {os.geteuid()}, or "
                raise EmbeddedStoreError(
                    f"the data folder {self._data_dir} can't be used: {error.strerror or error} ({error.filename}); "
                    f"{cure}set TOCSIN_DATA to {'a' if no_folder else 'another'} folder"
                ) from error
            except BaseException:
                self._let_go()
                raise
            return self.url

    def ensure_running(self) -> str | None:
        """Start the server again if it has died, at most every 60 s if it keeps dying. Returns what happened, or None.

        Raises:
            StoreUnavailable: if it is down and stays down for now; the text says why.
        """
        with self._mutex:
            if self._process is None or self._binary is None or self._process.poll() is None:
                return None
            now = time.monotonic()
            died = f"the embedded store died ({_how_ended(self._process.returncode)})"
            if now < self._next_try:
                raise StoreUnavailable(self._failure or f"{died}; it is started again soon")
            if now - self._started_at > _STEADY_SECONDS:
                self._backoff = 0.0
            self._backoff = min(max(1.0, 2 * self._backoff), _LONGEST_BACKOFF)
            self._next_try = now + self._backoff
            try:
                self._launch(self._binary)
            except (EmbeddedStoreError, OSError) as error:
                self._failure = f"{died} and can't be started again: {error}"
                raise StoreUnavailable(self._failure) from error
            self._failure = ""
            told = f"{died} and was started again; its log is {self._server_log.path}"
            _log.warning("embedded_store_restarted", reason=told)
            return told

    def stop(self) -> None:
        """Have the server write all it has and end, then give the folder back. Does nothing if it isn't started."""
        with self._mutex:
            if self._process is not None:
                try:
                    self._ask_to_shut_down()
                except (redis.RedisError, OSError):
                    self._process.terminate()
                _end(self._process)
            self._let_go()

    # inside

    def _take_folder(self) -> FolderLock:
        """Make the folders and become their daemon."""
        self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        lock = FolderLock(self._data_dir / "daemon.lock")
        if not lock.acquire():
            owner = lock.owner()
            lock.close()
            raise EmbeddedStoreError(
                f"the data folder {self._data_dir} is in use by another tocsin (pid {owner}); stop that one, or give "
                "this one a folder of its own with TOCSIN_DATA"
            )
        lock.write_owner()
        return lock

    def _take_private_folder(self, folder: Path) -> Path:
        """Make the socket's own folder, or make sure that the one that stands there is ours alone."""
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()  # anybody can make a folder of that name before us
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise EmbeddedStoreError(
                f"the folder {folder} isn't private to user {os.geteuid()}, so the embedded store's socket can't stand "
                f"in it; remove it, or set TOCSIN_DATA to a shorter path than {self._data_dir}"
            )
        return folder

    def _launch(self, binary: Path) -> None:
        """Start the server in the thread that lives as long as we do, and wait until it is ready."""
        if self._keeper is None:
            raise EmbeddedStoreError("the embedded store isn't started")
        self._folder.mkdir(mode=0o700, exist_ok=True)  # somebody may have removed it under the server that died
        with contextlib.closing(FolderLock(self._data_dir / "server.lock")) as lock:
            self._await_old_server(lock)
            with self._server_log.opened() as output:
                # The kernel signals the child when the THREAD that forked it ends, so one thread forks them all.
                process = self._keeper.submit(self._spawn, binary, lock.fileno, output).result()
        self._process = process
        self._started_at = time.monotonic()
        try:
            self._await_ready(process, binary)
        except BaseException:
            process.terminate()
            _end(process)
            raise

    def _spawn(self, binary: Path, lock: int, output: int) -> subprocess.Popen[bytes]:
        """Start the server on its leash."""
        return subprocess.Popen(  # noqa: S603  # our own leash and the server found above
            [sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), binary, *self._options()],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=(lock,),
            umask=0o077,
            start_new_session=True,  # Ctrl-C is for the daemon, which drains before it stops the store
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        )

    def _options(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._folder),
            "databases": "1",
            "save": "",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "aof-load-truncated": "yes",
            "aof-use-rdb-preamble": "no",  # plain commands: Valkey and Redis read each other's file
            "maxmemory": "0",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        return [part for name, value in options.items() for part in (f"--{name}", value)]

    def _await_old_server(self, lock: FolderLock) -> None:
        """Take `server.lock`; a server that a killed daemon left behind gets time to end, then is asked to."""
        if self._acquired(lock, self._old_server_wait):
            return
        with contextlib.suppress(redis.RedisError, OSError):
            self._ask_to_shut_down()
        if not self._acquired(lock, self._old_server_wait):
            raise EmbeddedStoreError(
                f"an earlier server still has the data folder {self._data_dir} and doesn't end; find it with "
                f"`fuser {lock.path}` and stop it"
            )

    @staticmethod
    def _acquired(lock: FolderLock, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not lock.acquire():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def _await_ready(self, process: subprocess.Popen[bytes], binary: Path) -> None:
        """Wait until the server answers; while it says that it is loading, as long as that takes."""
        deadline = time.monotonic() + _START_SECONDS
        with self._client() as client:
            while process.poll() is None:
                try:
                    client.ping()
                except redis.BusyLoadingError:
                    deadline = time.monotonic() + _START_SECONDS
                except redis.RedisError:
                    if time.monotonic() >= deadline:
                        raise EmbeddedStoreError(
                            f"the embedded store doesn't answer after {_START_SECONDS:.0f} s; "
                            f"see {self._server_log.path}"
                        ) from None
                else:
                    return
                time.sleep(_POLL_SECONDS)
        why = self._server_log.why(binary, self._folder)
        raise EmbeddedStoreError(f"the embedded store gave up ({_how_ended(process.returncode)}): {why}")

    def _ask_to_shut_down(self) -> None:
        """SHUTDOWN writes the append-only file out; NOSAVE only means that no snapshot is made beside it."""
        with self._client() as client:
            client.shutdown(nosave=True)

    def _client(self) -> redis.Redis:
        return redis.Redis(
            unix_socket_path=str(self._socket), socket_timeout=_ANSWER_SECONDS, retry=Retry(NoBackoff(), 0)
        )

    def _let_go(self) -> None:
        """Give back all that `start` took."""
        self._process = None
        if self._keeper is not None:
            self._keeper.shutdown()
            self._keeper = None
        if self._private_folder is not None:
            with contextlib.suppress(OSError):
                self._socket.unlink(missing_ok=True)
                self._private_folder.rmdir()
            self._private_folder = None
        if self._daemon_lock is not None:
            self._daemon_lock.close()
            self._daemon_lock = None


def _socket_path(folder: Path) -> Path:
    """In `folder`, or, where that path is too long for a socket, in a folder of its own, the same at each start."""
    path = folder / "server.sock"
    if len(os.fsencode(path)) <= _SOCKET_PATH_BYTES:
        return path
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"tocsin-{os.geteuid()}-{name}" / "server.sock"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Wait for `process` to end, then insist."""
    for insist in (process.terminate, process.kill):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
            return
        insist()
    process.wait()


def _how_ended(returncode: int) -> str:
    """`signal SIGKILL` or `exit status 1`."""
    if returncode < 0:
        return f"signal {signal.Signals(-returncode).name}"
    return f"exit status {returncode}"

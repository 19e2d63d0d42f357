"""`moothall demo`, with real processes."""

import json
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from portal.cli.demo_people import PEOPLE
from portal.db.embedded import EmbeddedPostgres
from tests.integration.cli.conftest import Demo, alive, free_port, wait_until

Start = Callable[..., Demo]


def _database(tree: Path) -> str:
    """The address of the tree's running server."""
    guest = EmbeddedPostgres(tree / "var" / "postgres")
    guest.start()
    return guest.url


def _count(url: str, query: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


def test_the_demo_serves_is_alone_and_ends_everything_on_ctrl_c(run_demo: Start, tree: Path) -> None:
    demo = run_demo().ready()
    assert demo.status_of_front() == 200
    for person in PEOPLE:
        assert person.name in demo.said
    assert f"http://localhost:{demo.port}" in demo.said
    assert len(demo.members) >= 5  # itself, PostgreSQL, gunicorn with two workers, the job worker
    for name in ("secret-key", "client-secret"):
        assert (tree / "var" / name).stat().st_mode & 0o777 == 0o600

    second = run_demo().fails()
    assert second.startswith(f"The demo of this folder runs already at http://localhost:{demo.port} (process ")
    assert second.count("\n") == 1

    assert demo.end(signal.SIGINT) == 0
    assert alive(demo.members) == set()
    assert demo.said.endswith("Stopped.\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_end_and_a_closed_terminal_end_everything(run_demo: Start, number: signal.Signals) -> None:
    demo = run_demo().ready()
    assert demo.end(number) == 0
    assert alive(demo.members) == set()


def test_kill_9_takes_the_children_along_and_the_next_start_recovers(run_demo: Start, tree: Path) -> None:
    demo = run_demo().ready()
    people = _count(_database(tree), "select count(*) from provider.person")
    demo.process.kill()
    demo.process.wait(5)
    assert wait_until(lambda: not alive(demo.members), 15), alive(demo.members)

    again = run_demo().ready()  # on another port, so with another issuer
    url = _database(tree)
    assert _count(url, "select count(*) from provider.person") == people >= len(PEOPLE)
    known = sum(person.has_account for person in PEOPLE)
    assert _count(url, "select count(*) from portal.account where unclaimed_since is null") == known
    assert (
        _count(url, f"select count(*) from portal.identity where issuer = 'http://localhost:{again.port}/id'") == known
    )
    assert _count(url, "select count(*) from portal.audit_entry where act = 'demo.loaded' and subject = 'people'") == 1
    assert again.end() == 0


def test_a_child_that_dies_ends_the_demo_with_one_sentence(run_demo: Start) -> None:
    demo = run_demo().ready()
    worker = next(pid for pid in demo.members if "\0worker\0" in Path(f"/proc/{pid}/cmdline").read_text())
    os.kill(worker, signal.SIGKILL)
    assert "The job worker ended by itself (signal 9)" in demo.fails()
    assert wait_until(lambda: not alive(demo.members), 10)


def test_reset_starts_over(run_demo: Start, tree: Path) -> None:
    demo = run_demo().ready()
    with psycopg.connect(_database(tree)) as connection:
        connection.execute("create table public.of_before ()")
    secret = (tree / "var" / "secret-key").read_text()
    assert demo.end() == 0
    demo = run_demo(RESET="1").ready()
    assert _count(_database(tree), "select count(*) from pg_tables where tablename = 'of_before'") == 0
    assert (tree / "var" / "secret-key").read_text() != secret
    assert demo.end() == 0


def test_a_named_server_is_used_and_reset_drops_our_schemas_alone(run_demo: Start, tree: Path, tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "named", durable=False)
    server.start()
    try:
        with psycopg.connect(server.url) as connection:
            connection.execute("create schema of_others create table kept ()")
        demo = run_demo(MOOTHALL_DATABASE_URL=server.url).ready()
        with psycopg.connect(server.url) as connection:
            connection.execute("create table portal.of_before ()")
        assert demo.end() == 0
        demo = run_demo(MOOTHALL_DATABASE_URL=server.url, RESET="1").ready()
        assert (
            "Dropping council_tax, council_tax_standin, jobs, notify_standin, pay_standin, permits, portal,"
            " provider, reporting, reporting_standin, standins" in demo.said
        )
        assert _count(server.url, "select count(*) from pg_tables where tablename = 'of_before'") == 0
        assert _count(server.url, "select count(*) from pg_tables where tablename = 'kept'") == 1
        assert demo.end() == 0
    finally:
        server.remove()


def test_a_taken_port_is_one_sentence(run_demo: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = run_demo(port).fails()
    assert said.startswith(f"Port {port} is taken by another program. Choose one that is free: PORT=")
    assert said.endswith(" make demo\n")


def test_an_unreachable_database_is_one_sentence(run_demo: Start) -> None:
    said = run_demo(MOOTHALL_DATABASE_URL=f"postgresql://me:hidden@127.0.0.1:{free_port()}/x").fails()
    lines = [line for line in said.splitlines() if line != "Stopped."]
    assert len(lines) == 1
    assert "does not answer" in lines[0]
    assert "MOOTHALL_DATABASE_URL" in lines[0]
    assert "hidden" not in said


def test_every_bad_setting_is_named_in_a_line_of_its_own(run_demo: Start) -> None:
    said = run_demo(MOOTHALL_UPLOAD_MEGABYTES="many", MOOTHALL_COUNCIL__BRAND_COLOUR="blue").fails()
    named = [line.partition(":")[0] for line in said.splitlines()]
    assert named == ["MOOTHALL_COUNCIL__BRAND_COLOUR", "MOOTHALL_UPLOAD_MEGABYTES"]


def test_the_demo_works_without_a_home_under_a_strict_umask_and_opens_no_folder(run_demo: Start, tree: Path) -> None:
    parents = [path for path in (tree, *tree.parents, Path("/var/lib"), Path("/var")) if path.exists()]
    before = [(path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in parents]
    mask = os.umask(0o077)
    try:
        demo = run_demo(HOME="/nonexistent", XDG_RUNTIME_DIR="", RESET="1").ready()
    finally:
        os.umask(mask)
    assert demo.status_of_front() == 200
    assert demo.end() == 0
    assert [(path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in parents] == before
    assert json.loads((tree / "var" / "demo.json").read_text())["port"] == demo.port

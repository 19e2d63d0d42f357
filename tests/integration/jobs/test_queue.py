"""Jobs are deferred with the change that asks for them, done after it, and taken up when a worker was killed."""

import asyncio
import os
import signal
import threading
import time

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from portal.db.session import session
from portal.jobs.queue import job, waiting, worker_app
from portal.jobs.worker import PHOTOS, run
from portal.settings.portal import Settings
from tests.support.settings import settings_for

PATH = text("set local search_path to jobs")
done: list[str] = []


@job("tests.note")
def note(*, word: str) -> None:
    """Remember a word."""
    done.append(word)


@job("tests.stumble", attempts=3)
def stumble(*, word: str) -> None:
    """Fail at the first try."""
    done.append(word)
    if done.count(word) == 1:
        raise RuntimeError("the first try")


@pytest.fixture(autouse=True)
def _fresh() -> None:
    done.clear()


def run_worker(app: Flask, settings: Settings, *, take_up: bool = False) -> None:
    """A worker that ends when nothing is left."""
    worker = worker_app(settings.database_url, app)

    async def work() -> None:
        async with worker.open_async():
            if take_up:
                await worker.tasks["jobs.take_up"].func(timestamp=0)
            await worker.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)

    asyncio.run(work())


def test_a_job_is_done_after_the_commit(app: Flask, clean_database: str) -> None:
    with app.app_context():
        note.defer(word="kept")
        session().commit()
        assert waiting() == 1
    run_worker(app, settings_for(clean_database))
    assert "kept" in done


def test_a_change_that_is_undone_leaves_no_job(app: Flask, clean_database: str) -> None:
    with app.app_context():
        note.defer(word="undone")
        session().rollback()
        assert waiting() == 0
    run_worker(app, settings_for(clean_database))
    assert "undone" not in done


def test_arguments_are_named(app: Flask) -> None:
    with app.app_context(), pytest.raises(TypeError, match="named"):
        note.defer("kept")  # type: ignore[call-arg]


def test_two_jobs_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match=r"tests\.note"):
        job("tests.note")(lambda: None)


def test_a_failed_job_is_tried_again(app: Flask, clean_database: str, cleaning_engine: Engine) -> None:
    with app.app_context():
        stumble.defer(word="twice")
        session().commit()
    run_worker(app, settings_for(clean_database))
    with cleaning_engine.begin() as connection:  # the wait before the second try is over
        connection.execute(PATH)
        connection.execute(text("update jobs.procrastinate_jobs set scheduled_at = now() where status = 'todo'"))
    run_worker(app, settings_for(clean_database))
    assert done.count("twice") == 2


class Gate:
    """Opened by one job for another."""

    opened = threading.Event()


@job("tests.photo", queue=PHOTOS)
def wait_for_letter() -> None:
    """Take long: until a letter was written."""
    assert Gate.opened.wait(10)
    done.append("photo")


@job("tests.letter")
def letter() -> None:
    """Be quick."""
    Gate.opened.set()
    done.append("letter")


def test_photographs_keep_no_letter_waiting(app: Flask, clean_database: str) -> None:
    Gate.opened.clear()
    with app.app_context():
        for _ in range(3):
            wait_for_letter.defer()
        letter.defer()
        session().commit()
    run(worker_app(clean_database, app), concurrency=1, photos=1, grace=5, wait=False)
    assert done == ["letter", "photo", "photo", "photo"]
    with app.app_context():
        assert waiting() == 0


def test_a_worker_asked_to_stop_finishes_what_it_is_at(app: Flask, clean_database: str) -> None:
    Gate.opened.clear()
    with app.app_context():
        wait_for_letter.defer()
        session().commit()

    def ask_to_stop() -> None:
        signal.raise_signal(signal.SIGTERM)
        Gate.opened.set()

    timer = threading.Timer(1.5, ask_to_stop)
    timer.start()
    run(worker_app(clean_database, app), concurrency=1, photos=1, grace=5)
    timer.join()
    assert done == ["photo"]


CUT_LINES = """
select pg_terminate_backend(pid) from pg_stat_activity
where pid <> pg_backend_pid() and datname = current_database() and query like '%procrastinate%'
"""


def test_a_worker_that_loses_the_database_begins_again_with_all_its_parts(
    app: Flask, clean_database: str, cleaning_engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """Each part ends by itself then, in silence and not at one time: one alone would look alive for ever."""
    Gate.opened.clear()

    def lose_the_database() -> None:
        seen = time.monotonic() + 20
        while "begins again" not in caplog.text and time.monotonic() < seen:
            with cleaning_engine.begin() as connection:
                connection.execute(text(CUT_LINES))
            time.sleep(0.3)
        with app.app_context():
            wait_for_letter.defer()
            letter.defer()
            session().commit()
        while len(done) < 2 and time.monotonic() < seen:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    loss = threading.Thread(target=lose_the_database)
    loss.start()
    run(worker_app(clean_database, app), concurrency=1, photos=1, grace=5, heartbeat=0.2)
    loss.join()
    assert sorted(done) == ["letter", "photo"]


CUT_OFF = """
insert into jobs.procrastinate_workers (last_heartbeat) values (now() - interval '5 minutes') returning id
"""


def test_a_job_of_a_killed_worker_is_done_by_another(app: Flask, clean_database: str, cleaning_engine: Engine) -> None:
    with app.app_context():
        note.defer(word="cut off")
        session().commit()
    with cleaning_engine.begin() as connection:
        connection.execute(PATH)
        dead = connection.execute(text(CUT_OFF)).scalar_one()
        taken = text("update jobs.procrastinate_jobs set status = 'doing', worker_id = :dead")
        connection.execute(taken, {"dead": dead})
    run_worker(app, settings_for(clean_database), take_up=True)
    assert "cut off" in done

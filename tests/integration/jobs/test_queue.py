"""Jobs are deferred with the change that asks for them, done after it, and taken up when a worker was killed."""

import asyncio

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from portal.db.session import session
from portal.jobs.queue import job, waiting, worker_app
from portal.settings import Settings
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
    run_worker(app, settings_for(clean_database))
    assert "cut off" not in done
    run_worker(app, settings_for(clean_database), take_up=True)
    assert "cut off" in done

"""An application that takes files in, and the worker's part played by hand."""

import uuid
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, request
from sqlalchemy import text

from portal.db.session import install as install_database
from portal.db.session import session
from portal.errors import NotFound
from portal.files import setup
from portal.files.cleanup import clean, discard
from portal.settings.portal import Settings


@dataclass(frozen=True)
class Owner:
    """As much of an account as files ask for."""

    id: uuid.UUID


def files_app(url: str, folder: Path) -> Flask:
    """The least application that files work in. Who asks is told by the header `X-Account`."""
    app = Flask("files")
    install_database(app, url)

    def whose() -> Owner | None:
        name = request.headers.get("X-Account")
        return Owner(uuid.UUID(name)) if name else None

    settings = Settings(secret_key="k" * 32, files_url=str(folder), upload_megabytes=2, demo=True)  # type: ignore[arg-type]  # pydantic reads it
    setup.install(app, settings, whose=whose, actor=lambda account_id: f"account:{account_id}")

    @app.errorhandler(NotFound)
    def missing(_error: NotFound) -> Response:
        return Response("not found", 404)

    return app


def waiting_jobs() -> list[tuple[str, dict[str, str]]]:
    """Name and arguments of what was deferred and committed."""
    query = text("select task_name, args from jobs.procrastinate_jobs where status = 'todo' order by id")
    return [(name, args) for name, args in session().execute(query)]


def work() -> None:
    """Do all deferred jobs once, each in its own transaction as the worker does."""
    functions = {"files.clean": clean, "files.discard": discard}
    query = text(
        "update jobs.procrastinate_jobs set status = 'succeeded' where status = 'todo' returning task_name, args"
    )
    jobs = session().execute(query).all()
    session().commit()
    for name, args in jobs:
        functions[name](**args)
        session().commit()

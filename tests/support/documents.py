"""What becomes of uploaded files at night, for services whose tests may not look into the portal's rooms."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from portal.db.session import session
from portal.files.cleanup import sweep
from portal.files.models import StoredFileRow


def sweep_files() -> None:
    """What happens each night. Needs the application's context."""
    sweep()
    session().commit()


def days_of_files() -> Sequence[date | None]:
    """When each file that there is goes."""
    return session().execute(select(StoredFileRow.delete_on)).scalars().all()

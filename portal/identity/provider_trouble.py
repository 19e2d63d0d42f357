"""When a provider's token endpoint last did not answer, for all processes: so that not every resident waits for it.

Each function is a short transaction of its own beside the page's, as what is kept of a provider's documents is.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import String, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock
from portal.db.base import Base, Moment
from portal.db.session import beside

LASTS: Final = timedelta(minutes=1)
"""How long nobody's session is refreshed after a failure. It goes on meanwhile."""
_SILENT: Final = frozenset({"token_timeout", "token_unreachable", "token_failed"})


class ProviderTroubleRow(Base):
    """The last failure of one provider's token endpoint."""

    __tablename__ = "provider_trouble"

    issuer: Mapped[str] = mapped_column(String(500), primary_key=True)
    failed_at: Mapped[Moment]
    code: Mapped[str] = mapped_column(String(60))


_LAST = select(ProviderTroubleRow.failed_at).where(ProviderTroubleRow.issuer == bindparam("issuer"))
_NEW = insert(ProviderTroubleRow).values(issuer=bindparam("issuer"), failed_at=bindparam("now"), code=bindparam("code"))
_NOTE = _NEW.on_conflict_do_update(
    index_elements=[ProviderTroubleRow.issuer],
    set_={"failed_at": _NEW.excluded.failed_at, "code": _NEW.excluded.code},
)


def is_lately(issuer: str) -> bool:
    """Whether it has failed within the last minute."""
    with beside() as connection:
        failed_at: datetime | None = connection.scalar(_LAST, {"issuer": issuer})
    return failed_at is not None and clock.now() - failed_at < LASTS


def note(issuer: str, code: str) -> None:
    """It has failed. A refusal in words is no trouble: that may be about the one token."""
    if code in _SILENT or code.startswith("token_status_5"):
        with beside() as connection:
            connection.execute(_NOTE, {"issuer": issuer, "now": clock.now(), "code": code})

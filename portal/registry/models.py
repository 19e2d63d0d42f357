"""Which services are switched off."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Moment


class ServiceSwitch(Base):
    """A row means off. `reason` is shown to residents, in English and in Welsh."""

    __tablename__ = "service_switch"

    slug: Mapped[str] = mapped_column(String(40), primary_key=True)
    reason: Mapped[str] = mapped_column(String(300))
    reason_cy: Mapped[str] = mapped_column(String(300))
    off_since: Mapped[Moment]

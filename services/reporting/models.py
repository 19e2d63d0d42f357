"""What the council knows of a reported problem. Reference, status and timeline are the ledger's (`case_id`)."""

from uuid import UUID

from sqlalchemy import BigInteger, Index, String, Text, Uuid, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portal.kit import AccountId, CaseId, Id, Moment, service_metadata


class Base(DeclarativeBase):
    """This service's tables."""

    metadata = service_metadata(__name__)


class Report(Base):
    """One problem in the street, as one resident reported it.

    `id` is the id of the draft that it was written in: the primary key lets each draft be sent once only.
    Forgetting the resident empties `account_id`, `place`, `uprn`, `description` and `photo_id`; the fault remains.
    """

    __tablename__ = "report"
    __table_args__ = (
        Index(None, "account_id", "created_at", "id"),
        Index(None, "lat", "lon"),
        # Home shows the newest open report of a resident and counts the others.
        Index("ix_report_open", "account_id", "created_at", "id", postgresql_where=text("closed_at is null")),
        # The job that takes up what was left with nobody: none on most days.
        Index("ix_report_late", "id", postgresql_where=text("passed_on_at is null and closed_at is null")),
        # "Already reported?" asks for open reports of a kind in the squares around.
        Index(None, "category", "cell", postgresql_where=text("closed_at is null")),
    )

    id: Mapped[Id]
    case_id: Mapped[CaseId] = mapped_column(unique=True)
    account_id: Mapped[AccountId | None]
    category: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(500))
    uprn: Mapped[str | None] = mapped_column(String(12))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    cell: Mapped[int | None] = mapped_column(BigInteger)
    description: Mapped[str] = mapped_column(Text)
    photo_id: Mapped[UUID | None] = mapped_column(Uuid)
    created_at: Mapped[Moment]
    closed_at: Mapped[Moment | None]
    passed_on_at: Mapped[Moment | None]
    """Since when somebody at the council has it."""

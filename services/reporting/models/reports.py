"""What the council knows of a reported problem. Who changed what, and when, is the ledger's (`case_id`)."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import AccountId, CaseId, Id, Moment
from services.reporting.models.base import PUBLIC, Base, one_of
from services.reporting.models.keys import ApiKey  # noqa: F401  # what `api_key_id` refers to

MODERATION: Final = ("waiting", "shown", "hidden")
"""Of words and photos: nobody has looked yet; they may be seen; they may not. A hidden report is seen by its owner and
staff alone; one that waits is seen by all without words and photos, unless the council shows words first."""
URGENT, HIGH, NORMAL, LOW = 1, 2, 3, 4
"""Priorities, in the order in which the desk works."""
WAITING: Final = "moderation = 'waiting' and not private"
"""Which reports a moderator has yet to read, as their index says it."""
_OPEN = "closed_at is null"
ON_ITS_WAY: Final = (
    "way <> 'desk' and stuck = '' and closed_at is null and account_id is not null"
    " and (sent_at is null or token is not null)"
)
"""Which reports another system is still to take, or to name, as their index says it."""


class Report(Base):
    """One problem, as one person reported it.

    `id` is the id of the draft that it was written in, or was made of what an API client sent: the primary key lets
    each be sent once only. Forgetting the person empties `account_id`, `place`, `uprn`, `description`, `public_words`
    and `answers`, and takes the photos; the problem remains. The reporter's name is never kept here.

    `reference`, `status`, `status_note`, `due_at`, `updated_at` and `closed_at` repeat what the ledger says, so that
    public lists and the API read one table: `operations.noting` keeps them in the transaction of each move.
    """

    __tablename__ = "report"
    __table_args__ = (
        CheckConstraint(one_of("moderation", MODERATION), name="moderation"),
        CheckConstraint("priority between 1 and 4", name="priority"),
        CheckConstraint("(lat is null) = (lon is null) and (lat is null) = (cell is null)", name="point"),
        UniqueConstraint("office", "external_id"),
        Index(None, "account_id", "created_at", "id"),
        # The job that takes up what was left with nobody: none on most days.
        Index("ix_report_late", "id", postgresql_where=text(f"passed_on_at is null and {_OPEN}")),
        # "Already reported?" asks for open reports of some categories in the squares around.
        Index("ix_report_category_cell", "category", "cell", postgresql_where=text(_OPEN)),
        # What everybody sees: lists from the newest (of all, of one category, of one ward), and the map's rectangle.
        Index("ix_report_public", "created_at", "id", postgresql_where=text(PUBLIC)),
        Index("ix_report_public_open", "created_at", "id", postgresql_where=text(f"{PUBLIC} and {_OPEN}")),
        Index("ix_report_public_updated", "updated_at", "id", postgresql_where=text(PUBLIC)),
        Index("ix_report_public_category", "category", "created_at", "id", postgresql_where=text(PUBLIC)),
        Index("ix_report_public_ward", "ward", "created_at", "id", postgresql_where=text(PUBLIC)),
        Index("ix_report_public_place", "lat", "lon", postgresql_where=text(PUBLIC)),
        # Alerts: what has become public since they were last sent.
        Index("ix_report_shown", "shown_at", "id", postgresql_where=text(PUBLIC)),
        # Moderators work through what waits, oldest first. Nobody has to look at words that nobody else will see.
        Index("ix_report_waiting", "created_at", "id", postgresql_where=text(WAITING)),
        # The desk takes up open reports by their priority, and in each the oldest first.
        Index("ix_report_to_work", "priority", "created_at", "id", postgresql_where=text(_OPEN)),
        # Statistics of a period.
        Index("ix_report_created", "created_at"),
        # "Was it fixed?" is asked some time after the end, of those who have not been asked.
        Index(
            "ix_report_to_ask",
            "closed_at",
            "id",
            postgresql_where=text("closed_at is not null and asked_fixed_at is null"),
        ),
        # Whose words are kept long enough.
        Index(
            "ix_report_to_let_go",
            "closed_at",
            "id",
            postgresql_where=text("closed_at is not null and account_id is not null"),
        ),
        # What a back office has, for whoever asks it for news; and what it could not be given.
        Index(
            "ix_report_left_office",
            "office",
            "closed_at",
            postgresql_where=text("external_id is not null and closed_at is not null"),
        ),
        Index(
            "ix_report_with_office",
            "office",
            "polled_at",
            "id",
            postgresql_where=text(f"external_id is not null and {_OPEN}"),
        ),
        Index("ix_report_stuck", "created_at", "id", postgresql_where=text("stuck <> ''")),
        Index("ix_report_on_its_way", "created_at", "id", postgresql_where=text(ON_ITS_WAY)),
        Index("ix_report_token", "office", "polled_at", "id", postgresql_where=text("token is not null")),
    )

    id: Mapped[Id]
    case_id: Mapped[CaseId] = mapped_column(unique=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    """The case's, which is also its name on public pages and in the API."""
    account_id: Mapped[AccountId | None]
    """Whose it is: a resident's, or an account of nobody that staff, a guest or an API client reported for."""
    api_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("reporting.api_key.id"))
    posted_digest: Mapped[str | None] = mapped_column(String(64))
    """Of what a program posted under a key of its own choice, photos left out, which may be written anew each time:
    other words under that key are no repetition."""
    channel: Mapped[str] = mapped_column(String(20))
    """How it came: web, desk, telephone, letter, api."""
    category: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(40))
    status_note: Mapped[str] = mapped_column(Text, default="")
    """What staff or the back office said to everybody with the last move."""
    priority: Mapped[int] = mapped_column(SmallInteger, default=NORMAL)

    place: Mapped[str] = mapped_column(String(500))
    uprn: Mapped[str | None] = mapped_column(String(12))
    usrn: Mapped[str | None] = mapped_column(String(8))
    asset: Mapped[str | None] = mapped_column(String(60))
    """The number on the thing itself, such as a lamp column's."""
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    cell: Mapped[int | None] = mapped_column(BigInteger)
    ward: Mapped[str] = mapped_column(String(40), default="")

    description: Mapped[str] = mapped_column(Text)
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)  # by attribute code: a text or a list of keys
    private: Mapped[bool] = mapped_column(default=False)
    moderation: Mapped[str] = mapped_column(String(10))
    public_words: Mapped[str | None] = mapped_column(Text)
    """What everybody reads in place of `description`, where a moderator has changed it or what leads to a person was
    masked."""
    public_place: Mapped[str | None] = mapped_column(String(500))
    """The same in place of `place`."""
    shown_at: Mapped[Moment | None]
    """Since when everybody can see it."""

    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    due_at: Mapped[Moment | None]
    closed_at: Mapped[Moment | None]
    passed_on_at: Mapped[Moment | None]
    """Since when somebody at the council has it."""
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("reporting.report.id"), index=True)
    """The report that this one turned out to repeat."""
    asked_fixed_at: Mapped[Moment | None]
    """When its owner was asked whether it was fixed."""
    said_fixed: Mapped[bool | None]
    """What they answered."""

    way: Mapped[str] = mapped_column(String(10), default="desk")
    """Where its category sent it: desk, open311, webhook or email."""
    office: Mapped[str | None] = mapped_column(String(40))
    """The name of that back office among the settings."""
    external_id: Mapped[str | None] = mapped_column(String(120))
    """What the back office calls it."""
    external_status: Mapped[str | None] = mapped_column(String(60))
    token: Mapped[str | None] = mapped_column(String(200))
    """What the back office is asked with for its id, while it has given no other answer."""
    sent_at: Mapped[Moment | None]
    """When the back office had acknowledged it."""
    polled_at: Mapped[Moment | None]
    letter_id: Mapped[UUID | None] = mapped_column(Uuid, unique=True)
    """The letter to the office, where it is written to: by this we hear of one that reaches nobody."""
    stuck: Mapped[str] = mapped_column(String(40), default="")
    """Why it could not be sent: a code of `deliver`'s; empty while it could, or still may."""


class Photo(Base):
    """A photo of a report, or of what was said on it: the file `file_id` of `owner_id`.

    Forgetting the person whose it is deletes both.
    """

    __tablename__ = "photo"
    __table_args__ = (
        CheckConstraint(one_of("moderation", MODERATION), name="moderation"),
        UniqueConstraint("report_id", "position"),
        Index("ix_photo_waiting", "created_at", "id", postgresql_where=text("moderation = 'waiting'")),
        Index(None, "owner_id"),
        Index(None, "update_id"),
    )

    id: Mapped[Id]
    report_id: Mapped[UUID] = mapped_column(ForeignKey("reporting.report.id"))
    update_id: Mapped[UUID | None] = mapped_column(ForeignKey("reporting.update.id"))
    """The update that it came with; none of the report's own, and of those of who reported the same."""
    position: Mapped[int] = mapped_column(SmallInteger)
    """From 1, in the order in which they are shown."""
    file_id: Mapped[UUID] = mapped_column(Uuid, unique=True)
    owner_id: Mapped[UUID] = mapped_column(Uuid)
    """Whose file it is: the account of the resident who added it. No person's are the photos of staff, back offices and
    programs, which are the case's, and those of who follow by e-mail, which are their `follower` row's."""
    moderation: Mapped[str] = mapped_column(String(10), default="waiting")
    """Whether a moderator has let it be seen: there may be faces and number plates."""
    covered_id: Mapped[UUID | None] = mapped_column(Uuid)
    """The file that others see in its place, of the same owner: a copy in which such parts are black."""
    created_at: Mapped[Moment]

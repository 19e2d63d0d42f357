"""What a remote application may send. The OpenAPI document is made from these classes."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from portal import clock
from portal.linkouts.proof import LONGEST
from portal.linkouts.values import Colour, Item, LinkOut

LONGEST_LIFE: Final = timedelta(days=400)
CARD_LIVES: Final = timedelta(days=30)
TASK_LIVES: Final = timedelta(days=180)
ACTIVITY_LIVES: Final = timedelta(days=365)
DONE_FOR: Final = timedelta(days=30)
"""How long a task is kept that was done, so that the application can look."""
CLOCKS_DIFFER: Final = timedelta(minutes=5)


class Impossible(ValueError):
    """A member that is well formed and cannot be. `member` names it."""

    def __init__(self, member: str, sentence: str) -> None:
        super().__init__(sentence)
        self.member, self.sentence = member, sentence


def _plain(text: str) -> str:
    """Raises ValueError for what is no line of text: control signs, and those that turn the direction of writing."""
    if not text.isprintable():
        raise ValueError("one line of printable characters is needed")
    return text


def _possible(moment: datetime) -> datetime:
    """Raises ValueError for a year that no calendar of ours holds."""
    if not 2000 <= moment.year < 9000:
        raise ValueError("out of range")
    return moment


Title = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True), AfterValidator(_plain)]
OtherTitle = Annotated[str, StringConstraints(max_length=80, strip_whitespace=True), AfterValidator(_plain)]
Words = Annotated[str, StringConstraints(max_length=300, strip_whitespace=True), AfterValidator(_plain)]
Tag = Annotated[str, StringConstraints(max_length=24, strip_whitespace=True), AfterValidator(_plain)]
Address = Annotated[str, StringConstraints(max_length=500, pattern=r"^https?://[!#-;=?-\[\]_a-z~]+$")]
"""Plain ASCII, without quotation marks, angle brackets, backslashes and blanks. That it is the application's own is
looked at apart."""
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,60}$")]
Moment = Annotated[AwareDatetime, AfterValidator(_possible)]


class Shape(BaseModel):
    """Nothing is taken that is not described: a name that is mistyped is a fault, not a wish left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SignIn(Shape):
    """The ID token that the provider made out to the application when the resident signed in to it."""

    id_token: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST, pattern=r"^[A-Za-z0-9_.-]+$")]


class Card(Shape):
    """One thing on the resident's home."""

    title: Title
    title_cy: OtherTitle = Field("", description="In Welsh. Without it, who reads Welsh is shown the English.")
    text: Words = ""
    text_cy: Words = ""
    tag: Tag = Field("", description="A word on its state, drawn as a tag.")
    tag_cy: Tag = ""
    tag_colour: Colour = "grey"
    action_needed: bool = Field(False, description="Such cards come first.")
    url: Address = Field(description="Where it leads: within the origin that the application is registered with.")
    as_of: Moment = Field(description="When this was so. One that is older than what is kept is refused.")
    expires: Moment | None = Field(None, description="When it is shown no longer; else 30 days after as_of.")

    def item(self, key: str, link_out: LinkOut) -> Item:
        """As it is kept. Raises Impossible."""
        _check_past("as_of", self.as_of)
        words = self.model_dump(exclude={"as_of", "expires"})
        expires_at = _end(self.expires, self.as_of + CARD_LIVES)
        return _owned(Item(kind="card", key=key, at=self.as_of, expires_at=expires_at, **words), link_out)


class Task(Shape):
    """One thing that the resident needs to do, on the application's own pages."""

    title: Title
    title_cy: OtherTitle = ""
    url: Address
    due_on: date | None = None
    done: bool = Field(False, description="True takes it off the resident's list.")
    expires: Moment | None = Field(None, description="When it is shown no longer; else after half a year.")

    def item(self, key: str, link_out: LinkOut) -> Item:
        """As it is kept. Raises Impossible."""
        now = clock.now()
        if self.due_on is not None and not now - LONGEST_LIFE <= _midnight(self.due_on) <= now + LONGEST_LIFE:
            raise Impossible("due_on", "more than 400 days away")
        words = self.model_dump(include={"title", "title_cy", "url", "due_on"})
        lasts = max(_midnight(self.due_on) if self.due_on else now, now) + TASK_LIVES
        expires_at, done_at = _end(self.expires, lasts), now if self.done else None
        if self.done:
            expires_at = min(expires_at, now + DONE_FOR)
        return _owned(Item(kind="task", key=key, at=now, done_at=done_at, expires_at=expires_at, **words), link_out)


class Activity(Shape):
    """Something that happened. It never changes: the same key again says the same."""

    key: Key
    title: Title
    title_cy: OtherTitle = ""
    url: Address
    at: Moment

    def item(self, link_out: LinkOut) -> Item:
        """As it is kept. Raises Impossible."""
        _check_past("at", self.at)
        words = self.model_dump()
        return _owned(Item(kind="activity", expires_at=self.at + ACTIVITY_LIVES, **words), link_out)


def _owned(item: Item, link_out: LinkOut) -> Item:
    if not link_out.is_ours(item.url):
        raise Impossible("url", f"the link must begin with {link_out.origin}/")
    if item.expires_at <= item.at and item.kind == "card":
        raise Impossible("expires", "before as_of")
    return item


def _check_past(member: str, moment: datetime) -> None:
    now = clock.now()
    if moment > now + CLOCKS_DIFFER:
        raise Impossible(member, "in the future")
    if moment < now - LONGEST_LIFE:
        raise Impossible(member, "more than 400 days ago")


def _end(said: datetime | None, otherwise: datetime) -> datetime:
    if said is not None and said > clock.now() + LONGEST_LIFE:
        raise Impossible("expires", "more than 400 days away")
    return said or otherwise


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)

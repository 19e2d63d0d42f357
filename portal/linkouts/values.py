"""What other rooms see of link-outs: values, never rows. A link-out is a service on somebody else's site."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, get_args
from urllib.parse import urlsplit
from uuid import UUID

Kind = Literal["card", "task", "activity"]
Colour = Literal["grey", "green", "blue", "red", "yellow", "orange"]
KINDS: Final[tuple[str, ...]] = get_args(Kind)
COLOURS: Final[tuple[str, ...]] = get_args(Colour)
SCOPES: Final = ("cards", "tasks", "activity")
"""What an application may be allowed to write."""
SWITCH: Final = "link-out:"
"""Before the slug in the table of switches: a service of the same slug has a switch of its own."""


class NotTaken(Exception):
    """What an application asked for is not done. `code` is one of `portal.api.link_out_problems.PROBLEMS`; the
    sentence is for its developer, in English, and names nobody.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code)
        self.code, self.sentence = code, sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOut:
    """One remote application."""

    slug: str
    title: str
    title_cy: str
    summary: str
    summary_cy: str
    url: str
    issuer: str
    client_id: str
    scopes: Sequence[str]

    @property
    def switch(self) -> str:
        """What `portal.registry.switches` knows it by."""
        return f"{SWITCH}{self.slug}"

    @property
    def actor(self) -> str:
        """Who did it, on the audit trail: the same as at the provider."""
        return f"client:{self.client_id}"

    @property
    def origin(self) -> str:
        """Scheme, host and port of its address: all links that it sends begin so."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def site(self) -> str:
        """The host (and port) that its links lead to, as residents read it."""
        return urlsplit(self.url).netloc

    def called(self, language: str) -> str:
        """Its title in that language."""
        return in_language(language, self.title, self.title_cy)

    def described(self, language: str) -> str:
        """Its summary in that language."""
        return in_language(language, self.summary, self.summary_cy)

    def is_ours(self, url: str) -> bool:
        """Whether a link leads to the application itself. Nothing after origin and slash can change the host."""
        return url == self.origin or url.startswith(f"{self.origin}/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A card, task or activity as an application sent it. Texts are plain, without markup; Welsh may be empty.

    `at` is a card's time (`as_of`), an activity's moment, or when a task was last sent.
    """

    kind: Kind
    key: str
    title: str
    title_cy: str = ""
    text: str = ""
    text_cy: str = ""
    tag: str = ""
    tag_cy: str = ""
    tag_colour: Colour = "grey"
    action_needed: bool = False
    url: str
    at: datetime
    due_on: date | None = None
    done_at: datetime | None = None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """One application and what it has for one resident now: of cards, open tasks and activity what has not expired."""

    link_out: LinkOut
    items: Sequence[Item] = ()

    def of(self, kind: Kind) -> Sequence[Item]:
        """Those of one kind: cards that need something first, then the newest first."""
        found = [item for item in self.items if item.kind == kind]
        return sorted(found, key=lambda item: (not item.action_needed, -item.at.timestamp(), item.key))


@dataclass(frozen=True, slots=True)
class Known:
    """An application that knows a resident, for their own page about it."""

    link_out: LinkOut
    person_id: UUID
    known_at: datetime
    stopped_at: datetime | None
    items: int


def in_language(language: str, english: str, welsh: str) -> str:
    """The text for who reads this language; English where there is no Welsh."""
    return welsh if language == "cy" and welsh else english

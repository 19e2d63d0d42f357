"""What it takes to join a council record to an account: what a service declares, what is asked, what is answered."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from portal.web.languages import Lazy

Outcome = Literal["matched", "ask_more", "not_matched"]
Wrong = Literal["", "reference", "name_or_postcode", "facts"]
How = Literal["answers", "letter", "desk", "person", "demo"]
"""How it was shown to be theirs. `person`: the council's system has them on it, as on what they had joined before."""
FactKind = Literal["money", "date", "digits", "text"]
Text = str | Lazy
"""A sentence in the resident's language, or a lazy string that becomes one when shown."""

HOWS: Final[tuple[How, ...]] = ("answers", "letter", "desk", "person", "demo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What somebody has told us of a record. `facts` are by code: money in pence, days as ISO 8601 writes them."""

    reference: str
    name: str
    postcode: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Whether somebody's answers fit a record.

    `wrong` is only the kind of thing that does not fit. A reference that nobody has and one that is somebody else's
    must be answered alike. `asks` are the codes of facts that would settle it: ask some where reference, name and
    postcode stand on an envelope, and ask them whether those fit or not, so that the question tells nobody. With
    `matched` and `ask_more`, `person_key` is the council's system's name for the person whom name and postcode fit.
    """

    outcome: Outcome
    wrong: Wrong = ""
    asks: tuple[str, ...] = ()
    person_key: str = ""
    role: str = ""
    protected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PostTo:
    """Where the council writes to about a record, from its own system: a name, two to five lines, a postcode."""

    name: str
    lines: tuple[str, ...]
    postcode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFact:
    """Something that only who has the bill knows: asked on a page of its own, when the council's system wants it."""

    code: str
    label: Text
    kind: FactKind
    hint: Text = ""
    digits: int = 4
    """How many, where `kind` is digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKind:
    """A kind of council record that residents can join to their account, at `/join/<service>/<code>`.

    `tidy` makes a reference of what was typed, and raises Refused with a sentence when it cannot be one. `match`,
    `post_to` and `tidy` are called outside transactions that have written; they may wait for the network and raise
    Unavailable. `post_to` says where to send a letter with a code for the person that `match` found; without it,
    there is no letter. `path` is the service's page of a joined record.
    """

    code: str
    title: Text
    """What it is called within a sentence: “council tax account”."""
    reference_label: Text
    reference_hint: Text
    tidy: Callable[[str], str]
    match: Callable[[Answers], Match]
    path: Callable[[str], str]
    facts: Sequence[RecordFact] = ()
    post_to: Callable[[str, str], PostTo] | None = None
    """By reference and person_key."""
    roles: Mapping[str, Text] = field(default_factory=dict)
    """What `role` is called, where it is worth saying."""

    def find_fact(self, code: str) -> RecordFact | None:
        """The fact of that code, if it is one that we know how to ask for."""
        return next((each for each in self.facts if each.code == code), None)


@dataclass(frozen=True, slots=True)
class JoinedRecord:
    """A council record that a resident has joined to their account.

    `key` is its reference, `person_key` the council's system's name for the person, `role` what they are on it.
    `protected`: its address is kept from others, so nothing of it is shown but to this resident.
    """

    id: uuid.UUID
    account_id: uuid.UUID
    service: str
    kind: str
    key: str
    person_key: str
    role: str
    protected: bool
    how: How
    joined_at: datetime

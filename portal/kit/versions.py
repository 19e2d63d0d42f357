"""The versions of the contract of services, as data: what is new in each, and what a service has to change for it.

A service says for which version it was made. One of the same major version and no higher minor one is taken as it is.
One of an older major version is told, from here, what it has to change. Nothing goes without having been `deprecated`
in a version before: that warns whoever still uses it, at each start and in `moothall service list` and `check`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version, major.minor. `gone` and `deprecated` map a name to what to use instead, as an order to the author.

    A name is one of `portal.kit`, such as `move_case`, or the field of a value there, such as `Service.case_page`.
    What is deprecated goes with the next major version, and must be in the `gone` of that one.
    """

    number: str
    on: date
    new: Sequence[str]
    to_change: Sequence[str] = ()
    gone: Mapping[str, str] = field(default_factory=dict)
    deprecated: Mapping[str, str] = field(default_factory=dict)


VERSIONS: tuple[Version, ...] = (
    Version(number="1.0", on=date(2026, 11, 22), new=("The first.",)),
    Version(
        number="1.1",
        on=date(2026, 11, 22),
        new=(
            "`freshness` in the manifest and `@demands(..., fresh=...)` on a view ask for a fresh sign-in.",
            "`@sensitive` and `refuse_while_held()` hold a view back while a sign-in is in doubt.",
        ),
    ),
    Version(
        number="2.0",
        on=date(2026, 11, 22),
        new=(
            "A case has one page, the portal's own, for residents and staff: `case_facts(case)` says what was sent.",
            "`on_move(case, event)` is called after each change of a status, in the same transaction.",
            "A case type says more: service level, team, rights and words of its moves, forms, retention, rating.",
            "Tasks, messages, reminders, records that residents join, back offices, payments, proofs of address,"
            " pages at the desk, addresses for programs and commands: services/BY_SUBJECT.md.",
        ),
        to_change=(
            "`demo` gets a second argument: write `def load(accounts, staff)`; `staff` is an actor of the demo's staff",
            "`move_case` needs `rights={...}` when a member of staff moves a case: what they may do with it",
            "each `Move` by staff needs a `title`, the words on their button, or it is not offered",
            '`tell` needs `key="..."`, which names the event, and `path="..."`, where on this portal to look',
            '`can_tell(account)` needs the topic: `can_tell(account, topic="<slug>")`',
        ),
        gone={"Service.case_page": "a case has the portal's page; give `case_facts`, link to `case_path(reference)`"},
    ),
    Version(
        number="2.1",
        on=date(2026, 11, 23),
        new=(
            "A `Retention` names its `tables` and has a `let_go` of its own, which the portal calls each night.",
            "`sample` is what `moothall service check` types and makes; `stories` are what the demo's guide shows.",
        ),
    ),
)
"""Oldest first."""

CONTRACT = VERSIONS[-1].number
"""The version of the contract that this portal keeps: major.minor."""


def parts(number: str) -> tuple[int, int]:
    """Major and minor version. Raises ValueError for anything but two numbers with a point between."""
    major, minor = number.split(".")
    return int(major), int(minor)


def to_change_since(number: str) -> Sequence[str]:
    """What a service made for that version has to change to be one for this portal's, in the order of the versions."""
    later = [version for version in VERSIONS if parts(version.number) > parts(number)]
    return [order for version in later for order in (*version.to_change, *_orders(version.gone))]


def new_since(number: str) -> Sequence[str]:
    """What a service made for that version might use besides."""
    return [new for version in VERSIONS if parts(version.number) > parts(number) for new in version.new]


def instead_of(name: str) -> str:
    """What to use instead of a name that is gone; empty for one that never was."""
    return next((version.gone[name] for version in VERSIONS if name in version.gone), "")


def deprecated() -> Mapping[str, str]:
    """Names that still work and will not in the next major version, each with what to say of it."""
    ours = parts(CONTRACT)[0]
    return {
        name: f"`{name}` is deprecated since {version.number} and goes with {ours + 1}.0: {instead}"
        for version in VERSIONS
        if parts(version.number)[0] == ours
        for name, instead in version.deprecated.items()
    }


def _orders(gone: Mapping[str, str]) -> Sequence[str]:
    return [f"`{name}` is gone: {instead}" for name, instead in gone.items()]

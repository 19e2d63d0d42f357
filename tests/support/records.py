"""Council records for tests: kinds of record whose council's system is a function, and residents who join them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Flask

from portal.accounts.values import Account
from portal.db.session import session
from portal.errors import Unavailable
from portal.joining.drafts import JoinDraft, keep_join_draft
from portal.joining.kinds import EXTENSION, get_kind
from portal.joining.letters import TEMPLATE, write_letters
from portal.joining.records import join_record
from portal.joining.values import Answers, Match, PostTo
from portal.notify.models import OutboundMessage
from tests.support.outbox import letters

SERVICE = "council_tax"
KIND = "account"


def record_things(account: Account) -> Mapping[str, str]:
    """A joined record, and another one half way to it, for addresses that name them. In a request's context."""
    joined = join_record(account, service=SERVICE, kind=KIND, key="80000001", person_key="person-of-things")
    asks = ("moved_in_on", "direct_debit_ending")
    half = JoinDraft(reference="80000002", name="Sam Tester", postcode="W6 9JU", asks=asks, end="not_matched")
    keep_join_draft(account, get_kind(SERVICE, KIND), half)
    session().commit()
    return {"service": SERVICE, "record_kind": KIND, "record_id": str(joined.id), "fact": "moved_in_on"}


@dataclass
class TownHall:
    """A council's system in this very process: what it knows, whether it answers, and what it was asked."""

    people: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """By reference, name and postcode: the person."""
    facts: dict[str, dict[str, str]] = field(default_factory=dict)
    """By reference: what it asks besides, with the right answers."""
    protected: set[str] = field(default_factory=set)
    away: bool = False
    troubles: dict[str, Exception] = field(default_factory=dict)
    """By reference: what goes wrong with it alone."""
    asked: list[Answers] = field(default_factory=list)

    def match(self, answers: Answers) -> Match:
        """As a council's system says it: somebody else's reference and none at all are one answer."""
        self.asked.append(answers)
        if self.away:
            raise Unavailable("The system is away.")
        if trouble := self.troubles.get(answers.reference):
            raise trouble
        person = self.people.get((answers.reference, answers.name.casefold(), answers.postcode))
        if person is None:
            return Match(outcome="not_matched", wrong="reference")
        is_protected = answers.reference in self.protected
        about: dict[str, Any] = {"person_key": person, "role": "joint", "protected": is_protected}
        wanted = self.facts.get(answers.reference, {})
        if set(wanted) - set(answers.facts):
            return Match(outcome="ask_more", asks=tuple(wanted), **about)
        if wanted != dict(answers.facts):
            return Match(outcome="not_matched", wrong="facts")
        return Match(outcome="matched", **about)

    def post_to(self, reference: str, person_key: str) -> PostTo:
        """Where the bills go."""
        if self.away:
            raise Unavailable("The system is away.")
        return PostTo(name=f"{person_key} of {reference}", lines=("1 Hidden Lane", "Marlowe"), postcode="W6 9JU")


@contextmanager
def town_hall(app: Flask) -> Iterator[TownHall]:
    """In the place of the council tax system, for the pages of the component."""
    hall = TownHall(
        people={
            ("80011111", "ada tester", "W6 9JU"): "p-ada",
            ("80011111", "ben tester", "W6 9JU"): "p-ben",
            ("80022222", "carys tester", "W6 9JU"): "p-carys",
        },
        facts={"80022222": {"last_payment_pence": "13860", "moved_in_on": "2024-03-27", "direct_debit_ending": "23"}},
    )
    known = app.extensions[EXTENSION]
    usual = known[SERVICE, KIND]
    known[SERVICE, KIND] = replace(usual, kind=replace(usual.kind, match=hall.match, post_to=hall.post_to))
    try:
        yield hall
    finally:
        known[SERVICE, KIND] = usual


def letters_written(app: Flask) -> list[OutboundMessage]:
    """The letters with codes there are once the worker has written those that were asked for."""
    with app.app_context():
        write_letters()
        session().commit()
        found = list(letters(TEMPLATE))
        session().expunge_all()
        session().rollback()
    return found

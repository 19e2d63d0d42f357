"""How often somebody may try to join a record: counted by account and by reference, in the database and at once.

Each count is one statement in a transaction of its own, so that neither two workers nor twenty requests at a time get
past it. A reference is counted whether anybody has it or not.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from portal.accounts.values import Account
from portal.joining.kinds import Declared
from portal.web import limits

HOUR: Final = int(timedelta(hours=1).total_seconds())
DAY: Final = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Limit:
    """So many within so many seconds, counted under this key."""

    key: str
    most: int
    seconds: int


def count_try(account: Account, declared: Declared, reference: str) -> None:
    """Before the council's system is asked. Raises TooMany."""
    _count(_for_tries(account, declared, reference))


def take_back_try(account: Account, declared: Declared, reference: str) -> None:
    """The council's system did not answer, so nothing was tried."""
    for each in _for_tries(account, declared, reference):
        limits.take_back(each.key)


def settle_tries(account: Account, declared: Declared, reference: str, *, asked: int = 1) -> None:
    """The record is theirs: this try counts for nothing, and slips on the way to it shut nobody who shares it.
    `asked`: how often the council's system had to be asked for it, once more each time that it wanted facts.

    Their earlier tries go on counting: or else who has a record of their own could join it again and again, and guess
    at others in between.
    """
    *own, of_record = _for_tries(account, declared, reference)
    limits.forget(of_record.key)
    for each in own:
        for _time in range(asked):
            limits.take_back(each.key)


def count_letter(account: Account, declared: Declared, reference: str) -> None:
    """Before a letter is asked for. Raises TooMany. A letter costs money, and one a day at a stranger's door is none
    of anybody's business.
    """
    _count(
        [
            Limit(f"join letter: {account.id}", 3, 7 * DAY),
            Limit(f"join letter: {declared.service} {declared.kind.code} {reference}", 2, 7 * DAY),
        ]
    )


def count_code(account: Account) -> None:
    """Before a code is looked up. Raises TooMany."""
    _count([Limit(f"join code: {account.id}", 5, HOUR)])


def take_back_code(account: Account) -> None:
    """The code was right."""
    limits.take_back(f"join code: {account.id}")


def count_staff_try(actor: str) -> None:
    """Before a caseworker's question goes to the council's system. Raises TooMany."""
    _count([Limit(f"join desk: {actor}", 60, HOUR)])


def _for_tries(account: Account, declared: Declared, reference: str) -> list[Limit]:
    """The account first, so that who has tried too often shuts nobody else's reference; the record last."""
    record = f"{declared.service} {declared.kind.code} {reference}"
    return [
        Limit(f"join: {account.id}", 5, HOUR),
        Limit(f"join daily: {account.id}", 10, DAY),
        Limit(f"join: {record}", 10, DAY),
    ]


def _count(every: list[Limit]) -> None:
    for each in every:
        limits.hit(each.key, limit=each.most, seconds=each.seconds)

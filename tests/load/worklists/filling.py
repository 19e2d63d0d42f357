"""The cases that worklists are measured on: skewed as they are in life, and the same each time."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

import psycopg

from portal.cases.search_words import marks, quoted, words_of
from portal.references import ALPHABET, printed

KINDS = ("pothole", "fly_tipping", "street_light", "graffiti", "street_cleaning")
KIND_WEIGHTS = (35, 30, 15, 10, 10)
TEAMS = {
    "pothole": "highways",
    "street_light": "street_lighting",
    "fly_tipping": "street_cleaning",
    "graffiti": "street_cleaning",
    "street_cleaning": "street_cleaning",
}
WARDS = tuple(f"ward{n}" for n in range(20))
CHANNELS = ("web", "telephone", "desk", "letter", "api")
COMMON = ("road", "street", "outside", "near", "please", "number", "pavement", "hole", "rubbish", "light", "broken")
YEARS = timedelta(days=1095)
CASES_EACH = 5
# fmt: off
CASE_COLUMNS = (
    "id", "service", "type", "reference", "account_id", "idempotency_key", "status", "summary", "opened_at",
    "updated_at", "closed_at", "version", "channel", "area", "team", "holder_id", "waits_for", "due_at",
    "held_at", "held_until_at", "escalated_at", "reopened", "rating", "rating_words", "opened_by",
    "identity_check",
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Words:
    """What people write: a few words often, most seldom."""

    all: list[str]
    weights: list[float]
    names: list[str]
    name_weights: list[float]


def vocabulary(dice: random.Random) -> Words:
    """Words and names with the weights that natural language has: the nth is 1/n as frequent."""

    def made(many: int, parts: int) -> list[str]:
        syllables = [a + b for a in "bcdfghjklmnprstvw" for b in ("a", "e", "i", "o", "u", "an", "er", "il", "or")]
        return list(dict.fromkeys("".join(dice.choices(syllables, k=parts)) for _ in range(many)))

    words, names = [*COMMON, *made(30_000, 3)], made(6_000, 2)
    zipf: Callable[[int], list[float]] = lambda many: list(accumulate(1 / n for n in range(1, many + 1)))  # noqa: E731
    return Words(words, zipf(len(words)), names, zipf(len(names)))


def fill(url: str, many: int) -> Words:
    """Put the cases in by COPY, the indexes of words built afterwards."""
    dice = random.Random(7)
    known = vocabulary(dice)
    now = datetime.now(UTC)
    with psycopg.connect(url) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("set maintenance_work_mem = '512MB'")
        connection.execute("drop index portal.ix_case_search_words")
        accounts = _accounts(connection, many, known, dice, now)
        _cases(connection, many, accounts, dice, now)
        _words(connection, many, accounts, known, dice, now)
        connection.execute(
            "create index ix_case_search_words on portal.case_search using gin (words) with (fastupdate = off)"
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze")
    return known


def _accounts(
    connection: psycopg.Connection[Any], many: int, known: Words, dice: random.Random, now: datetime
) -> list[tuple[uuid.UUID, str]]:
    found = []
    for _ in range(max(1, many // CASES_EACH)):
        given, family = dice.choices(known.names, cum_weights=known.name_weights, k=2)
        found.append((uuid.UUID(int=dice.getrandbits(128)), f"{given} {family}"))
    with connection.cursor().copy("copy portal.account (id, language, created_at) from stdin") as copy:
        for account_id, _name in found:
            copy.write_row((account_id, "en", now))
    with connection.cursor().copy(
        "copy portal.profile (account_id, given_name, family_name, preferred_name, contact_needs) from stdin"
    ) as copy:
        for account_id, name in found:
            given, _blank, family = name.partition(" ")
            copy.write_row((account_id, given, family, "", ""))
    return found


def case_id(n: int) -> uuid.UUID:
    """The nth case's id, in no order."""
    return uuid.UUID(int=random.Random(n).getrandbits(128))


def reference(n: int) -> str:
    """The nth case's reference."""
    letters = []
    for _ in range(7):
        n, rest = divmod(n * 7919 + 13 if not letters else n, len(ALPHABET))
        letters.append(ALPHABET[rest])
    return printed("".join(letters))


def place_of(n: int, many: int, now: datetime) -> tuple[str, str, datetime]:
    """Kind, ward and time of the nth: the same wherever it is asked."""
    dice = random.Random(-n - 1)
    kind = dice.choices(KINDS, KIND_WEIGHTS)[0]
    return kind, WARDS[int(20 * dice.random() ** 2)], now - YEARS * (1 - n / many) - timedelta(seconds=dice.random())


def _cases(
    connection: psycopg.Connection[Any],
    many: int,
    accounts: list[tuple[uuid.UUID, str]],
    dice: random.Random,
    now: datetime,
) -> None:
    staff = [uuid.UUID(int=n) for n in range(200)]
    statement = f"copy portal.case ({', '.join(CASE_COLUMNS)}) from stdin"
    with connection.cursor().copy(statement.encode()) as copy:
        for n in range(many):
            kind, ward, opened_at = place_of(n, many, now)
            age = (now - opened_at).days
            is_open = dice.random() < (0.005 if age > 60 else 1 - age / 60)
            due_at = opened_at + timedelta(days=14) if dice.random() < 0.95 else None
            closed_at = None if is_open else min(now, opened_at + timedelta(days=dice.expovariate(1 / 9)))
            held = is_open and dice.random() < 0.05
            late = is_open and not held and due_at is not None and due_at < now
            account_id = accounts[n % len(accounts)][0]
            copy.write_row(
                (
                    case_id(n), "reporting", kind, reference(n), account_id, f"load {n}",
                    dice.choice(("received", "with_team", "in_progress")) if is_open else "fixed",
                    kind, opened_at, closed_at or opened_at, closed_at, 4,
                    dice.choices(CHANNELS, (70, 20, 5, 3, 2))[0], ward, TEAMS[kind],
                    dice.choice(staff) if dice.random() < 0.6 else None,
                    dice.choices(("council", "resident"), (4, 1))[0] if is_open else "nobody",
                    due_at, now if held else None, now + timedelta(days=9) if held else None,
                    now if late else None, 0,
                    dice.randint(1, 5) if not is_open and dice.random() < 0.1 else None,
                    "", f"account:{account_id}", "",
                )
            )  # fmt: skip


def _words(
    connection: psycopg.Connection[Any],
    many: int,
    accounts: list[tuple[uuid.UUID, str]],
    known: Words,
    dice: random.Random,
    now: datetime,
) -> None:
    with connection.cursor().copy(
        "copy portal.case_search (case_id, opened_at, facts, read_at, words) from stdin"
    ) as copy:
        for n in range(many):
            kind, ward, opened_at = place_of(n, many, now)
            found = dice.choices(known.all, cum_weights=known.weights, k=25)
            where = marks(service="reporting", type=kind, team=TEAMS[kind], area=ward, opened_at=opened_at)
            said = [accounts[n % len(accounts)][1], kind, reference(n), f"W{n % 19} {n % 9}AB", f"house {n % 400}"]
            lexemes = {*found, *where, *words_of(said)}
            copy.write_row((case_id(n), opened_at, "", now, " ".join(quoted(word) for word in lexemes)))

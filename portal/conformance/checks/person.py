"""What is kept of a person: told to them, forgotten when asked, let go of in time; each with a dry run."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Table, func, select

from portal import clock
from portal.accounts.values import Account
from portal.cases import retention as ledger
from portal.cases.models import CaseRow
from portal.conformance.browsing import statements
from portal.conformance.check import Check
from portal.conformance.checks.demo_data import counts
from portal.conformance.findings import Finding, Look
from portal.conformance.house import House
from portal.db.session import session
from portal.errors import DomainError
from portal.jobs.queue import by_the_clock
from portal.registry.keeping import let_go_of, would_let_go
from portal.registry.tables import kept_without_end, named_in_vain

LONG: Final = timedelta(days=40 * 365)


def export(house: House) -> Iterable[Look]:
    """The data file names every row of theirs: one look for each table that points to them."""
    for table in about(house):
        owners = _owners(house, table)
        findings = [each for account in owners for each in _not_told(house, table, account)]
        findings += [] if owners else list(_not_asked(house, table))
        yield Look(table.name, tuple(findings))


def _not_told(house: House, table: Table, account: Account) -> Iterator[Finding]:
    with house.rolled_back():
        said = str(_plain(house.mounted.service.export(account)))
        rows = session().execute(select(table).where(table.c.account_id == account.id)).mappings().all()
    for row in rows:
        values = [str(value) for name, value in row.items() if _tells(name, value)]
        if values and not any(value in said for value in values):
            yield Finding(
                f"the data file says nothing of a row in `{table.name}`",
                "Have `export` give what each row holds: residents have a right to a copy.",
                f"{house.slug}/service.py",
            )
            return


def _tells(name: str, value: object) -> bool:
    """Whether somebody would know the row by it: not a key, a yes or no, or something sealed."""
    if value is None or name == "account_id" or isinstance(value, bool | bytes | memoryview):
        return False
    return len(str(value)) > 3


def _plain(value: object) -> object:
    """With dates and ids as text, as the file has them."""
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return str(value)


def _not_asked(house: House, table: Table) -> Iterator[Finding]:
    """Of a table in which the demo data put nothing: at least it is asked."""
    known = next(iter(house.people.values()), None)
    if known is None:
        return
    with house.rolled_back(), statements(house.app) as sent:
        house.mounted.service.export(known.account)
    if not any(f"{table.schema}.{table.name}" in each.replace('"', "") for each in sent):
        yield Finding(
            f"the data file never asks `{table.name}`",
            "Have `export` give what it holds, and put a row of it into the demo data.",
            f"{house.slug}/service.py",
        )


def forget(house: House) -> Iterable[Look]:
    """A dry run says what would go and changes nothing; then everything is gone. Each time taken back."""
    before = {key: _rows_of(house, account.id) for key, account in house.accounts().items()}
    for key, account in house.accounts().items():
        if not any(before[key].values()):
            continue
        left = _left_after_forgetting(house, account)
        for name, many in before[key].items():
            if many:
                yield Look(f"{name} of {key.capitalize()}", tuple(_stays(house, left[name])))
    after = {key: _rows_of(house, account.id) for key, account in house.accounts().items()}
    changed = sorted({name for key in before for name in before[key] if before[key][name] != after[key][name]})
    yield Look("dry run", (_committed(house, "forget", changed),) if changed else ())


def _left_after_forgetting(house: House, account: Account) -> Mapping[str, int]:
    with house.rolled_back():
        house.mounted.service.forget(account)
        session().flush()  # what it changed as entities is to be counted too
        return {table.name: _many(table, account.id) for table in about(house)}


def _stays(house: House, left: int) -> Iterator[Finding]:
    if left:
        yield Finding(
            f"after `forget`, {left} rows still name them",
            "Delete them, or empty the columns that lead to the person.",
            f"{house.slug}/service.py",
        )


def _committed(house: House, what: str, names: Sequence[str]) -> Finding:
    return Finding(
        f"a dry run of `{what}` changed {', '.join(names)}",
        "Commit nothing: the portal does, when all services have done their part.",
        f"{house.slug}/service.py",
    )


def keeping(house: House) -> Iterable[Look]:
    """Each table about people has an end, and with the clock past it nothing of theirs is left. Spoils the data."""
    for name in kept_without_end(house.mounted):
        what = f"`{name}` can point to a person, and no Retention says how long it is kept"
        yield Look(name, (Finding(what, "Name it in the `tables` of a Retention.", f"{house.slug}/service.py"),))
    for name in named_in_vain(house.mounted):
        what = f"a Retention names `{name}`, which is no table of the service"
        yield Look(name, (Finding(what, "Name tables as the models do.", f"{house.slug}/service.py"),))
    house.people  # noqa: B018  # moves them in, and makes the tables
    before = counts(house)
    with house.app.test_request_context("/"), clock.as_of(clock.now() + LONG):
        would_let_go(house.mounted)
        session().rollback()
    after = counts(house)
    changed = [name for name in before if before[name] != after[name]]
    yield Look("dry run", (_committed(house, "let_go", changed),) if changed else ())
    yield from _after_long(house)


def _after_long(house: House) -> Iterator[Look]:
    with house.app.test_request_context("/"), clock.as_of(clock.now() + LONG):
        _run_by_the_clock(house)
        for each in let_go_of(house.mounted):
            if each.fault:
                what = f"`let_go` of {', '.join(each.retention.tables)} ended with {each.fault}"
                yield Look(
                    f"let_go of {each.retention.what}",
                    (Finding(what, "Run `moothall service retention` to see it fail.", f"{house.slug}/service.py"),),
                )
        ledger.let_go()
        for table in about(house):
            yield Look(f"{table.name} after {LONG.days // 365} years", tuple(_still_known(house, table)))


def _run_by_the_clock(house: House) -> None:
    """What the service does each night by itself, such as ending what has run out: only then is it over."""
    for job in by_the_clock(house.slug):
        try:
            job()
            session().commit()
        except (DomainError, RuntimeError):  # it writes letters, say, or asks an office that is not there
            session().rollback()


def _still_known(house: House, table: Table) -> Iterator[Finding]:
    """What is over must be nobody's. What hangs on a case that is still open is not over."""
    query = select(func.count()).select_from(table).where(table.c.account_id.is_not(None))
    case = table.columns.get("case_id")
    if case is not None:
        query = query.where(case.in_(select(CaseRow.id).where(CaseRow.closed_at.is_not(None))))
    many = session().execute(query).scalar_one()
    if many:
        yield Finding(
            f"with the clock {LONG.days // 365} years on, {many} rows of what is over still name somebody",
            "Have the Retention's `let_go` erase what was over before the moment that it is given.",
            f"{house.slug}/service.py",
        )


def about(house: House) -> Sequence[Table]:
    """The service's tables that name an account, with the demo's data in them."""
    house.people  # noqa: B018  # moves them in
    return [table for table in house.tables if "account_id" in table.columns]


def _owners(house: House, table: Table) -> Sequence[Account]:
    with house.rolled_back():
        ids = set(session().scalars(select(table.c.account_id).distinct()))
    return [account for account in house.accounts().values() if account.id in ids]


def _rows_of(house: House, account_id: UUID) -> Mapping[str, int]:
    with house.rolled_back():
        return {table.name: _many(table, account_id) for table in about(house)}


def _many(table: Table, account_id: UUID) -> int:
    return session().execute(select(func.count()).where(table.c.account_id == account_id)).scalar_one()


EXPORT: Final = Check(
    name="export", holds="The data file tells residents of all that is kept.", mend="See `export`.", judge=export
)
FORGET: Final = Check(
    name="forget", holds="Nothing names somebody who was forgotten.", mend="See `forget`.", judge=forget
)
RETENTION: Final = Check(
    name="retention",
    holds="Everything about people has an end, and ends.",
    mend="See `retention`.",
    judge=keeping,
    spoils=True,
)

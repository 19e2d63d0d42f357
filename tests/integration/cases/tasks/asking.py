"""How the council asks for each kind of task, and how a resident saves and sends one."""

from typing import Any

from portal.accounts.values import Account
from portal.cases.talk_values import Task
from portal.cases.tasks import do_task, save_task, set_task
from portal.cases.values import Case
from portal.db.session import session
from tests.support.cases import STAFF

PDF = b"%PDF-1.7\n%%EOF\n"


WORKED_FOR: dict[str, dict[str, Any]] = {
    "form": {"form": "tenancy"},
    "document": {},
    "payment": {"amount": 4_250, "pay_url": "https://pay.example/licence"},
    "signature": {"words": "I have told the truth."},
    "cosign": {"words": "I live there too."},
}


def ask(case: Case, kind: str = "form", key: str = "1", **values: Any) -> Task:
    made = set_task(
        case.id,
        kind=kind,  # type: ignore[arg-type]  # also wrong ones
        **{"title": "Tell us more", "actor": STAFF, "key": key} | WORKED_FOR.get(kind, {}) | values,
    )
    session().commit()
    return made


def send(account: Account, task: Task) -> Task:
    done = do_task(account.id, task.id, version=task.version)
    session().commit()
    return done


def saved(account: Account, task: Task, **answers: Any) -> Task:
    kept = save_task(account.id, task.id, **answers)
    session().commit()
    return kept

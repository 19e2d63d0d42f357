"""Ask a second person to sign, and take an invitation up."""

from portal.accounts.values import Account
from portal.cases.cosigning import ask, take_up
from portal.cases.talk_values import Cosigning, Task
from portal.db.session import session

ROBINS = "robin@tests.example"


def invite(account: Account, task: Task, email: str = ROBINS) -> str:
    """Ask somebody; the token in their mail."""
    tokens: list[str] = []
    ask(account, task.id, email=email, link=lambda token: tokens.append(token) or f"https://x.example/{token}")
    session().commit()
    return tokens[0]


def taken_up(account: Account, token: str) -> Cosigning:
    found = take_up(account, token)
    session().commit()
    return found

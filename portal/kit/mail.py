"""Tell a resident something without knowing their address."""

from typing import Any
from uuid import UUID

from portal.accounts.values import Account
from portal.notices import telling
from portal.notices.choices import reach_of
from portal.notify import operations as notify


def can_tell(account: Account, *, topic: str) -> bool:
    """Whether more than their inbox will say so: a letter or a text now, or tomorrow's letter."""
    reach = reach_of(account.id, topic)
    return reach is not None and reach.channel != "none"


def tell(account: Account, *, template: str, key: str, path: str, **values: Any) -> bool:
    """Tell a resident something in their language, once the current transaction is committed.

    It is in their inbox, and goes out as they chose for your service. `template` is `<slug>/mail/<name>.txt` among the
    service's templates: the first line is the subject. Nothing personal belongs in it, since mail is read by others;
    give a reference and where to look (`path`, on this portal). `key` names the event: telling twice is telling once.
    False when they knew of it already.
    """
    topic = template.partition("/")[0]
    return telling.tell(account.id, topic=topic, template=template, key=f"{topic}:{key}", path=path, **values)


def write_to(
    email: str, *, template: str, language: str, path: str, account_id: UUID | None = None, **values: Any
) -> UUID:
    """Write to somebody who has no account, once the current transaction is committed.

    For addresses that somebody typed: to ask whether it is theirs, and to tell them what they asked to hear. `template`
    and `path` are as with `tell`. Returns the letter's id, by which `Service.on_returned` hears of one that reached
    nobody. With an `account_id` the letter is forgotten with that account. Count with `limit`
    how often you write to one address. Raises ValueError for what can be no address.
    """
    return notify.send(email, template, language, account_id, path=path, **values)

"""Tell a resident something without knowing their address."""

from typing import Any

from portal.accounts.values import Account
from portal.notices import telling
from portal.notices.choices import reach_of


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

"""Can payments be taken? For `moothall check`: a wrong key is found before the first resident presses Pay."""

from collections.abc import Iterator
from datetime import timedelta

from portal import clock
from portal.errors import DomainError
from portal.payments.govuk_pay import gateway
from portal.settings.portal import Settings


def faults(settings: Settings) -> Iterator[str]:
    """A sentence for each thing that is wrong with how payments are taken. No gateway at all is a council's choice."""
    if not settings.pay.is_set:
        return
    try:
        gateway().payments_between(clock.now() - timedelta(minutes=1), clock.now())
    except DomainError:  # the log says which of the two it was
        yield f"GOV.UK Pay at {settings.pay.url} does not answer, or refuses our key (MOOTHALL_PAY__TOKEN)."

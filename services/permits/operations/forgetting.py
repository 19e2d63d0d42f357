"""Forget a resident."""

from portal.kit import Account
from services.permits.operations.permit_forgetting import forget_permits
from services.permits.operations.proofs import forget_proofs
from services.permits.operations.visit_forgetting import forget_memberships, forget_visits


def forget(account: Account) -> None:
    """Keep permits for the figures; whose they were and for which car goes."""
    forget_permits(account)
    forget_visits(account)
    forget_memberships(account)
    forget_proofs(account)

"""Pay what is in the basket: one payment, however often and in however many tabs the button is pressed.

Two visible transactions, because nobody waits for the network inside one: `begin` writes the payment down and is
committed; then `hand_over` tells the gateway and writes down what it said. Whatever is cut off in between is found by
the clock (`asking_again`).
"""

import uuid

from portal.accounts.values import Account
from portal.errors import Conflict
from portal.payments.values import Payment


class UnderWay(Conflict):
    """Another payment of this resident is open, for something else: they finish it, or call it off, first."""

    def __init__(self, sentence: str, reference: str) -> None:
        super().__init__(sentence)
        self.reference = reference


def begin(account: Account, *, key: str, total: int) -> Payment:
    """Make the payment of the resident's basket, or find the open one for the same. Commit, then `hand_over` it.

    `key` is of the page (at most 80 characters), `total` the pence that the page showed. Raises Refused when there is
    nothing to pay, too little or too much; Conflict when the price is no longer what the page showed, or when `key`
    belongs to a payment that has ended; UnderWay when another payment is open.
    """
    raise NotImplementedError


def hand_over(payment_id: uuid.UUID) -> str:
    """Tell the gateway of a committed payment, and return where the resident goes to pay. Call outside a transaction.

    It can be called again for an open payment, such as after Back in the browser: the address is good once. Empty when
    there is nothing to pay any more: show the payment's own page. Raises Unavailable when the gateway does not answer:
    the same button may be pressed again. Writes what it learns; the caller commits.
    """
    raise NotImplementedError


def ask(payment_id: uuid.UUID) -> Payment:
    """Ask the gateway what became of a payment, record it, and return the payment. Call outside a transaction.

    Raises NotFound for none of ours, Unavailable when there is no answer. The caller commits.
    """
    raise NotImplementedError


def call_off(account: Account, reference: str) -> Payment:
    """Cancel the resident's own open payment, and return what became of it. Call outside a transaction.

    It may have been paid a moment before: then it is. Raises NotFound, Unavailable. The caller commits.
    """
    raise NotImplementedError


def get_returned(account: Account, token: str) -> Payment:
    """The resident's own payment, by the token in the address that the gateway sent them back to. Raises NotFound.

    That they came back says nothing about the money: `ask`.
    """
    raise NotImplementedError

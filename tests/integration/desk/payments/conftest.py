"""Staff and a resident, in a portal whose gateway is in the test's own hands."""

from tests.integration.home.payments.conftest import _each_request_for_itself
from tests.integration.payments.conftest import begun, gate, paid, pay_app, payer, paying_portal, toll

__all__ = ["_each_request_for_itself", "begun", "gate", "paid", "pay_app", "payer", "paying_portal", "toll"]

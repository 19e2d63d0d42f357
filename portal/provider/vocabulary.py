"""The userinfo claims of a proven identity, in the words of GOV.UK One Login."""

from typing import Final

_HOME: Final = "https://vocab.account.gov.uk/v1/"
CORE_IDENTITY: Final = f"{_HOME}coreIdentityJWT"
ADDRESS: Final = f"{_HOME}address"
PASSPORT: Final = f"{_HOME}passport"
DRIVING_PERMIT: Final = f"{_HOME}drivingPermit"
RETURN_CODE: Final = f"{_HOME}returnCode"
VOCABULARY: Final = (CORE_IDENTITY, ADDRESS, PASSPORT, DRIVING_PERMIT, RETURN_CODE)

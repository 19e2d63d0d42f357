"""The settings of the demo, and the secrets that it keeps under `var/`."""

import json
import os
import secrets
import uuid
from pathlib import Path

from portal.notify.standin.place import PATH
from portal.payments.standin.place import PATH as PAY_PATH
from portal.provider.levels import MFA, SFA
from portal.provider.shapes import ONE_LOGIN
from portal.provider.vocabulary import ADDRESS, CORE_IDENTITY, RETURN_CODE
from portal.registry.discovery import discover
from portal.registry.standins import environment_for

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "var"
CLIENT_ID = "portal"
LEVELS = {MFA: "medium", SFA: "low"}
"""A service that asks for more than a password gets a second step."""
SHAPE = "MOOTHALL_OWN_PROVIDER__SHAPE"
"""With `one_login` the demo's provider answers as GOV.UK One Login does, and the portal is set up as for that."""
OURS = "MOOTHALL_PROVIDERS__MOOTHALL__"
DESK = "MOOTHALL_PROVIDERS__DESK__"
DESK_CLIENT_ID = "desk"
DESK_SCOPES = ("openid", "profile", "email", "groups", "offline_access")
VECTORS = {"low": "Cl.Cm", "medium": "Cl.Cm", "high": "Cl.Cm.P2"}
SHORTEST = 32
NOTIFY = "MOOTHALL_NOTIFY__"
PAY = "MOOTHALL_PAY__"
AT_NOTIFY = {
    name: str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.moothall.example"))
    for name in ("service", "email", "sms", "letter")
}
"""What we are called at the stand-in for GOV.UK Notify, and the templates there."""


def demo_environment(port: int, database_url: str, folder: Path = FOLDER) -> dict[str, str]:
    """The environment of the demo's processes. What the caller's own environment sets besides stays as it is."""
    public_url = f"http://localhost:{port}"
    ours = {
        "MOOTHALL_DEMO": "true",
        "MOOTHALL_PUBLIC_URL": public_url,
        "MOOTHALL_DATABASE_URL": database_url,
        "MOOTHALL_OWN_PROVIDER__MOUNTED": "true",
        "MOOTHALL_OWN_PROVIDER__ISSUER": f"{public_url}/id",
        f"{OURS}TITLE_CY": "eich cyfrif cyngor",
        f"{OURS}RECOVERY_URL": f"{public_url}/id/forgotten-password",
        f"{OURS}ACCOUNT_URL": f"{public_url}/id/your-sign-in",
        f"{OURS}CLIENT_ID": CLIENT_ID,
    }
    if os.environ.get(SHAPE) == ONE_LOGIN.name:
        ours |= _as_at_one_login(f"{public_url}/id/")
    else:
        ours |= {
            f"{OURS}ISSUER": f"{public_url}/id",
            f"{OURS}ACR_LEVELS": json.dumps(LEVELS),
            f"{OURS}CLIENT_SECRET": kept_secret(folder / "client-secret"),
            **_desk(f"{public_url}/id", folder),
        }
    unless_set = {
        "MOOTHALL_SECRET_KEY": kept_secret(folder / "secret-key"),
        "MOOTHALL_FILES_URL": str(folder / "files"),
        **_notify(public_url, folder),
        **_pay(public_url, folder),
        **environment_for(discover(), public_url, os.environ, lambda name: kept_secret(folder / name)),
    }
    return unless_set | dict(os.environ) | ours


def _desk(issuer: str, folder: Path) -> dict[str, str]:
    """Staff sign in by our provider too, as another client, which alone is told people's groups.

    Not in the shape of One Login, which is for residents and knows no groups.
    """
    return {
        f"{DESK}PEOPLE": "staff",
        f"{DESK}TITLE": "your staff account",
        f"{DESK}TITLE_CY": "eich cyfrif staff",
        f"{DESK}ISSUER": issuer,
        f"{DESK}CLIENT_ID": DESK_CLIENT_ID,
        f"{DESK}CLIENT_SECRET": kept_secret(folder / "desk-secret"),
        f"{DESK}SCOPES": json.dumps([each for each in DESK_SCOPES if each != "offline_access"]),
        f"{DESK}REFRESH_MINUTES": "10",
    }


def _notify(public_url: str, folder: Path) -> dict[str, str]:
    """What a council sets for GOV.UK Notify, but for the address: the stand-in beside the portal.

    Whoever names a mail server wants the e-mails there.
    """
    secret = kept_secret(folder / "notify-secret")
    theirs = {
        f"{NOTIFY}API_KEY": f"demo-{AT_NOTIFY['service']}-{uuid.uuid5(uuid.NAMESPACE_DNS, secret)}",
        f"{NOTIFY}BASE_URL": f"{public_url}{PATH}",
        f"{NOTIFY}SMS_TEMPLATE_ID": AT_NOTIFY["sms"],
        f"{NOTIFY}LETTER_TEMPLATE_ID": AT_NOTIFY["letter"],
        f"{NOTIFY}RECEIPT_TOKEN": secret,
    }
    if "MOOTHALL_MAIL__HOST" not in os.environ:
        theirs[f"{NOTIFY}EMAIL_TEMPLATE_ID"] = AT_NOTIFY["email"]
    return theirs


def _pay(public_url: str, folder: Path) -> dict[str, str]:
    """What a council sets for GOV.UK Pay, but for the address: the stand-in beside the portal.

    Whoever names a key of Pay's own wants to pay there.
    """
    if f"{PAY}TOKEN" in os.environ or f"{PAY}URL" in os.environ:
        return {}
    return {
        f"{PAY}URL": f"{public_url}{PAY_PATH}",
        f"{PAY}TOKEN": f"api_test_{kept_secret(folder / 'pay-token')}",
        f"{PAY}WEBHOOK_SECRET": kept_secret(folder / "pay-webhook-secret"),
    }


def _as_at_one_login(issuer: str) -> dict[str, str]:
    """What a council sets for GOV.UK One Login, whose addresses differ and nothing else."""
    return {
        f"{OURS}ISSUER": issuer,
        f"{OURS}CLIENT_AUTH": "private_key_jwt",
        f"{OURS}SCOPES": json.dumps(["openid", "email", "phone"]),
        f"{OURS}LEVEL_BY": "vtr",
        f"{OURS}VTR": json.dumps(VECTORS),
        f"{OURS}IDENTITY_CLAIMS": json.dumps([CORE_IDENTITY, ADDRESS, RETURN_CODE]),
        f"{OURS}CORE_IDENTITY_ISSUER": f"{issuer}identity/",
        f"{OURS}CORE_IDENTITY_DID": f"{issuer}.well-known/did.json",
        f"{OURS}MAX_AGE": "false",
        f"{OURS}REQUEST_OBJECT": "true",
        f"{OURS}REQUEST_OBJECT_AUDIENCE": "authorization_endpoint",
    }


def kept_secret(path: Path) -> str:
    """The secret in this file, made at the first call and readable by its owner alone."""
    try:
        kept = path.read_text().strip()
    except FileNotFoundError:
        kept = ""
    if len(kept) >= SHORTEST:
        return kept
    made = secrets.token_urlsafe(48)
    partial = path.with_name(f"{path.name}.partial")  # renamed when whole, so that a killed start leaves no half
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(made)
    partial.rename(path)
    return made

"""The settings of the demo, and the secrets that it keeps under `var/`."""

import json
import os
import secrets
from pathlib import Path

from portal.provider.levels import MFA, SFA

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "var"
CLIENT_ID = "portal"
LEVELS = {MFA: "medium", SFA: "low"}
"""A service that asks for more than a password gets a second step."""
SHORTEST = 32


def demo_environment(port: int, database_url: str, folder: Path = FOLDER) -> dict[str, str]:
    """The environment of the demo's processes. What the caller's own environment sets besides stays as it is."""
    public_url = f"http://localhost:{port}"
    ours = {
        "MOOTHALL_DEMO": "true",
        "MOOTHALL_PUBLIC_URL": public_url,
        "MOOTHALL_DATABASE_URL": database_url,
        "MOOTHALL_OWN_PROVIDER__MOUNTED": "true",
        "MOOTHALL_OWN_PROVIDER__ISSUER": f"{public_url}/id",
        "MOOTHALL_PROVIDERS__MOOTHALL__ISSUER": f"{public_url}/id",
        "MOOTHALL_PROVIDERS__MOOTHALL__TITLE_CY": "eich cyfrif cyngor",
        "MOOTHALL_PROVIDERS__MOOTHALL__RECOVERY_URL": f"{public_url}/id/forgotten-password",
        "MOOTHALL_PROVIDERS__MOOTHALL__CLIENT_ID": CLIENT_ID,
        "MOOTHALL_PROVIDERS__MOOTHALL__ACR_LEVELS": json.dumps(LEVELS),
        "MOOTHALL_PROVIDERS__MOOTHALL__CLIENT_SECRET": kept_secret(folder / "client-secret"),
    }
    unless_set = {
        "MOOTHALL_SECRET_KEY": kept_secret(folder / "secret-key"),
        "MOOTHALL_FILES_URL": str(folder / "files"),
    }
    return unless_set | dict(os.environ) | ours


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

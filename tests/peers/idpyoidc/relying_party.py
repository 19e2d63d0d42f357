"""idpyoidc as a relying party of our provider. Run by the Python of its own environment.

One argument: JSON with `issuer`, `client_id`, `secret`, `redirect_uri`. Prints the address for the browser, reads the
callback's address from its input, and prints what it then got as one line of JSON.
"""

import json
import sys
from urllib.parse import parse_qsl, urlsplit

from idpyoidc.client.rp_handler import RPHandler


def main() -> None:
    """One sign-in."""
    given = json.loads(sys.argv[1])
    configuration = {
        "client_type": "oidc",
        "issuer": given["issuer"],
        "client_id": given["client_id"],
        "client_secret": given["secret"],
        "redirect_uris": [given["redirect_uri"]],
        "preference": {
            "response_types": ["code"],
            "token_endpoint_auth_method": "client_secret_basic",
            "id_token_signed_response_alg": "ES256",
        },
        "add_ons": {
            "pkce": {
                "function": "idpyoidc.client.oauth2.add_on.pkce.add_support",
                "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
            }
        },
    }
    handler = RPHandler(base_url=given["redirect_uri"], client_configs={given["issuer"]: configuration})
    begun = handler.begin(given["issuer"], req_args={"scope": ["openid", "profile", "email"]})
    address = begun["url"] if isinstance(begun, dict) else begun
    print(f"ready {address}", flush=True)
    back = dict(parse_qsl(urlsplit(sys.stdin.readline().strip()).query))
    got = handler.finalize(given["issuer"], back)
    claims = got["id_token"].to_dict() if hasattr(got["id_token"], "to_dict") else dict(got["id_token"])
    userinfo = got["userinfo"].to_dict() if hasattr(got["userinfo"], "to_dict") else dict(got["userinfo"])
    print(json.dumps({"end": True, "claims": claims, "userinfo": userinfo}, default=str), flush=True)


main()

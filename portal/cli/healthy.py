"""Does the web process in this container answer? Standard library only: it runs twice a minute."""

import http.client
import os
import sys
from urllib.parse import urlsplit


def is_healthy(port: int, path: str, public_url: str) -> bool:
    """Whether GET of `path` answers without a server error, asked as a proxy of ours would ask."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", path, headers={"Host": urlsplit(public_url).netloc or "localhost"})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    wanted = sys.argv[2] if len(sys.argv) > 2 else "/"
    sys.exit(0 if is_healthy(int(sys.argv[1]), wanted, os.environ.get("MOOTHALL_PUBLIC_URL", "")) else 1)

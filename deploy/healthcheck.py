"""Asks the users' port whether it is alive; the image has no curl. Exit code 0 or 1."""

import os
import ssl
import sys
import urllib.request


def main() -> int:
    """Speak HTTP or, where the front has a certificate, HTTPS; the name on it does not matter."""
    scheme = "https" if os.environ.get("TLS_CERT_FILE") else "http"
    url = f"{scheme}://127.0.0.1:{os.environ.get('PORT', '8080')}/healthz"
    with urllib.request.urlopen(url, timeout=4, context=ssl._create_unverified_context()) as answer:
        return 0 if answer.status == 200 and answer.read(3).strip() == b"ok" else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as reason:
        sys.exit(f"not healthy: {reason}")

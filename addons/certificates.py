"""The two PEM files mitmproxy wants: whom to trust upstream, what to show where TLS ends here."""

import os
from pathlib import Path

import certifi

from core.settings import Settings


def trusted_cas(settings: Settings) -> Path:
    """The public CAs, and the operator's own (GROK_CA_FILE) beside them: mitmproxy's option
    replaces its default list, it does not add to it."""
    public = Path(certifi.where())
    if settings.grok_ca_file is None:
        return public
    bundle = public.read_bytes() + b"\n" + settings.grok_ca_file.read_bytes()
    return _write(settings.data_dir / "mitmproxy" / "trusted-cas.pem", bundle)


def shown_certificate(settings: Settings) -> Path | None:
    """Certificate and key in one file, None when TLS does not end here."""
    if not (settings.tls_cert_file and settings.tls_key_file):
        return None
    both = settings.tls_key_file.read_bytes() + b"\n" + settings.tls_cert_file.read_bytes()
    return _write(settings.data_dir / "mitmproxy" / "shown-certificate.pem", both)


def _write(path: Path, content: bytes) -> Path:
    """Atomic, and never readable by others: several workers may start at once."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return new.replace(path)

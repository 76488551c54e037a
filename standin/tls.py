"""A throw-away certificate authority and the leaf certificates, good and bad, below it.

Decides what a client sees in the handshake; the host names are Grok's real ones.
"""

import datetime
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOST_NAMES = (
    "grok.com",
    "*.grok.com",
    "x.ai",
    "*.x.ai",
    "*.grokusercontent.com",
    "*.grok-sandbox.com",
    "*.grokipedia.com",
    "*.gcp.mouseion.dev",
    "featureassets.org",
    "*.featureassets.org",
)

_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Authority:
    """The key that signs; its certificate is what GROK_CA_FILE points at."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def load_or_create(state_dir: Path) -> Authority:
    """The authority survives a restart, so that a running mirror keeps trusting it."""
    key_file, ca_file = state_dir / "ca-key.pem", state_dir / "ca.pem"
    if key_file.exists() and ca_file.exists():
        authority = _load(key_file, ca_file)
        if authority.certificate.not_valid_after_utc > _now() + _DAY:
            return authority
    authority = _create()
    key_file.touch(mode=0o600)
    key_file.write_bytes(_key_pem(authority.key))
    ca_file.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
    return authority


def server_contexts(authority: Authority, state_dir: Path) -> dict[str, ssl.SSLContext]:
    """One context per certificate mode of `Switches.certificate`."""
    other = _create("Somebody else's authority")
    now = _now()
    leaves = {
        "good": _leaf(authority, HOST_NAMES, (now - _DAY, now + 30 * _DAY)),
        "expired": _leaf(authority, HOST_NAMES, (now - 3 * _DAY, now - _DAY)),
        "wrong_host": _leaf(authority, ("grok.com.evil.example",), (now - _DAY, now + _DAY)),
        "self_signed": _leaf(other, HOST_NAMES, (now - _DAY, now + _DAY)),
    }
    return {mode: _context(state_dir / f"leaf-{mode}.pem", pem) for mode, pem in leaves.items()}


def _context(file: Path, pem: bytes) -> ssl.SSLContext:
    file.touch(mode=0o600)
    file.write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(file)
    return context


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _load(key_file: Path, ca_file: Path) -> Authority:
    key = serialization.load_pem_private_key(key_file.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Authority(key, x509.load_pem_x509_certificate(ca_file.read_bytes()))


def _create(name: str = "Grok stand-in, throw-away authority") -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        _builder(subject, subject, key.public_key(), (_now() - _DAY, _now() + 365 * _DAY))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(_skid(key), critical=False)
    )
    return Authority(key, builder.sign(key, hashes.SHA256()))


def _leaf(
    authority: Authority,
    names: tuple[str, ...],
    valid: tuple[datetime.datetime, datetime.datetime],
) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    akid = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    server_auth = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    certificate = (
        _builder(subject, authority.certificate.subject, key.public_key(), valid)
        .add_extension(x509.SubjectAlternativeName(map(x509.DNSName, names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(server_auth, critical=False)
        .add_extension(_skid(key), critical=False)
        .add_extension(akid, critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return _key_pem(key) + certificate.public_bytes(serialization.Encoding.PEM)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    valid: tuple[datetime.datetime, datetime.datetime],
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid[0])
        .not_valid_after(valid[1])
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _skid(key: ec.EllipticCurvePrivateKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

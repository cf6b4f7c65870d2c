"""The keys that sign mail, and the records of the DNS by which receivers check the signatures.

RFC 6376 §3.6.1 says what a record holds, RFC 8463 what it holds for ed25519, RFC 8301 how long an RSA key must be.
"""

import base64
import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, assert_never

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

SHORTEST, LONGEST, USUAL = 1024, 4096, 2048
"""Bits of an RSA key: receivers refuse a shorter one, need not check a longer one, and should be given the usual one."""

STRING_OCTETS = 255
"""The most that one string of a TXT record holds; receivers join them without a space (RFC 6376 §3.6.2.2)."""


class DkimProblem(Exception):
    """A key cannot sign; the text is a sentence for the operator."""


class Algorithm(StrEnum):
    """How a key signs, in the words of a signature. Receivers have known the first for twenty years."""

    RSA = "rsa-sha256"
    ED25519 = "ed25519-sha256"


Private: TypeAlias = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A private key and the selector of its record. May be used by several threads at once."""

    selector: str
    private: Private

    @property
    def algorithm(self) -> Algorithm:
        """How it signs."""
        return Algorithm.RSA if isinstance(self.private, rsa.RSAPrivateKey) else Algorithm.ED25519

    @property
    def bits(self) -> int:
        """How long it is."""
        return self.private.key_size if isinstance(self.private, rsa.RSAPrivateKey) else 256

    def sign(self, data: bytes) -> bytes:
        """The signature of these bytes: of one key and the same bytes, always the same."""
        match self.private:
            case rsa.RSAPrivateKey():
                return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
            case ed25519.Ed25519PrivateKey():
                return self.private.sign(hashlib.sha256(data).digest())  # RFC 8463 §3: of the hash
            case _:
                assert_never(self.private)

    def pem(self) -> bytes:
        """The private key as a file holds it, unencrypted."""
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def record(self) -> str:
        """What the TXT record says."""
        kind = "rsa" if self.algorithm is Algorithm.RSA else "ed25519"
        return f"v=DKIM1; k={kind}; p={base64.b64encode(self._public()).decode('ascii')}"

    def is_published_as(self, record: str) -> bool:
        """Whether a TXT record gives this key to whoever checks a signature; spaces and the order of its tags say nothing."""
        return (
            _tags(record).get("p") == _tags(self.record())["p"]
            and _tags(record).get("k", "rsa") == _tags(self.record())["k"]
        )

    def _public(self) -> bytes:
        public, encoding, form = self.private.public_key(), serialization.Encoding, serialization.PublicFormat
        if isinstance(public, rsa.RSAPublicKey):
            return public.public_bytes(encoding.DER, form.SubjectPublicKeyInfo)
        return public.public_bytes(encoding.Raw, form.Raw)  # RFC 8463 §4: the 32 octets alone


def _tags(record: str) -> dict[str, str]:
    """The tags of a record (RFC 6376 §3.2), without spaces."""
    parts = (part.partition("=") for part in "".join(record.split()).split(";"))
    return {name: value for name, _, value in parts}


def record_name(selector: str, domain: str) -> str:
    """Where the record of a selector is."""
    return f"{selector}._domainkey.{domain}"


def record_strings(record: str) -> list[str]:
    """The record in strings that a TXT record can hold."""
    return [record[at : at + STRING_OCTETS] for at in range(0, len(record), STRING_OCTETS)]


def new_key(selector: str, algorithm: Algorithm, bits: int = USUAL) -> DkimKey:
    """A key that nobody else has. `bits` are those of RSA."""
    match algorithm:
        case Algorithm.RSA:
            return DkimKey(selector, rsa.generate_private_key(public_exponent=65537, key_size=bits))
        case Algorithm.ED25519:
            return DkimKey(selector, ed25519.Ed25519PrivateKey.generate())
        case _:
            assert_never(algorithm)


def read_key(selector: str, pem: bytes) -> DkimKey:
    """The key in the contents of a file. DkimProblem: what it is instead, without the name of the file."""
    private = _loaded(pem)
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return DkimKey(selector, private)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise DkimProblem("holds a key of a kind that no DKIM signature is made with: RSA and ed25519 are")
    if not SHORTEST <= private.key_size <= LONGEST:
        raise DkimProblem(
            f"holds an RSA key of {private.key_size} bits, and receivers check those of {SHORTEST} to {LONGEST}"
        )
    return DkimKey(selector, private)


def _loaded(pem: bytes) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(pem, password=None)
    except TypeError:
        raise DkimProblem("holds a key that is locked by a password, which nobody is there to type") from None
    except (ValueError, UnsupportedAlgorithm) as error:
        if b"PUBLIC KEY" in pem:
            raise DkimProblem("holds a public key, and mail is signed with the private one") from None
        raise DkimProblem(f"holds no private key in PEM ({type(error).__name__})") from error

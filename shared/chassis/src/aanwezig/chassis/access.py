"""How every client of ours reaches Kafka: addresses, encryption, and the credential of this service."""

import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]

_LOGS_IN: Final[dict[Mechanism, Callable[..., BaseSecurity]]] = {
    "PLAIN": SASLPlaintext,
    "SCRAM-SHA-256": SASLScram256,
    "SCRAM-SHA-512": SASLScram512,
}


@dataclass(frozen=True, slots=True)
class Credential:
    """A name and a password, and how they are shown to the broker."""

    user: str
    password: str = field(repr=False)
    mechanism: Mechanism = "SCRAM-SHA-512"


@dataclass(frozen=True, slots=True)
class Access:
    """Kafka's addresses; `encryption` where the wire is encrypted; `credential` where the broker asks who we are."""

    bootstrap: Sequence[str]
    encryption: ssl.SSLContext | None = None
    credential: Credential | None = None

    @classmethod
    def of(cls, reach: "Access | Sequence[str]") -> "Access":
        """Addresses alone are those of a broker that neither encrypts nor asks."""
        return reach if isinstance(reach, Access) else cls(tuple(reach))

    @property
    def protocol(self) -> Protocol:
        """The security protocol by Kafka's name."""
        if self.credential is None:
            return "PLAINTEXT" if self.encryption is None else "SSL"
        return "SASL_PLAINTEXT" if self.encryption is None else "SASL_SSL"

    def for_aiokafka(self) -> dict[str, Any]:
        """The arguments a consumer, producer or admin client of aiokafka takes."""
        known = self.credential
        asked: dict[str, Any] = {
            "bootstrap_servers": list(self.bootstrap),
            "security_protocol": self.protocol,
        }
        if self.encryption is not None:
            asked["ssl_context"] = self.encryption
        if known is not None:
            asked |= {
                "sasl_mechanism": known.mechanism, "sasl_plain_username": known.user,
                "sasl_plain_password": known.password,
            }  # fmt: skip
        return asked

    def for_faststream(self) -> BaseSecurity:
        """The same, as a FastStream broker takes it; its addresses are given beside."""
        encrypted: dict[str, Any] = {"ssl_context": self.encryption, "use_ssl": self.encryption is not None}
        if self.credential is None:
            return BaseSecurity(**encrypted)
        return _LOGS_IN[self.credential.mechanism](
            username=self.credential.user, password=self.credential.password, **encrypted
        )

"""What others may want to hear of certification."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CertificateProposed:
    """A certificate waits for two officers."""

    proposal_id: int
    person_id: int


@dataclass(frozen=True)
class CertificateReturned:
    """An officer returned a proposal with a reason."""

    proposal_id: int
    person_id: int


@dataclass(frozen=True)
class CertificateIssued:
    """A certificate has its number and goes to the signer."""

    certificate_id: int
    person_id: int


@dataclass(frozen=True)
class CertificateRevoked:
    """A certificate is revoked from today on."""

    certificate_id: int
    person_id: int

"""What others may want to hear of certification."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CertificateProposed:
    """A certificate waits for two officers."""

    proposal_id: int
    person_id: int


@dataclass(frozen=True)
class CertificatesProposed:
    """The same of certificates that were proposed together."""

    proposal_ids: list[int]


@dataclass(frozen=True)
class CertificateApproved:
    """A second officer has approved; the certificate, or its renewal, is being issued."""

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


@dataclass(frozen=True)
class CertificateRenewed:
    """A certificate got another period, which goes to the signer."""

    certificate_id: int
    person_id: int


@dataclass(frozen=True)
class CertificateSuspended:
    """A certificate is suspended from today on."""

    certificate_id: int
    person_id: int


@dataclass(frozen=True)
class CertificateResumed:
    """The suspension of a certificate was lifted."""

    certificate_id: int
    person_id: int


@dataclass(frozen=True)
class CertificateDoubted:
    """A result that a certificate rests on was corrected: officers are to look at it."""

    certificate_id: int
    person_id: int


@dataclass(frozen=True)
class CertificateDue:
    """The end of a certificate comes near or has passed; once per period and stage (`rules.renewal.Stage`).

    `days` is how many days before the end (or, for `closing`, before the last day of renewal).
    """

    certificate_id: int
    person_id: int
    ends_on: str
    stage: str
    days: int


@dataclass(frozen=True)
class PolicyProposed:
    """A new version of the star policy waits for two officers."""

    proposal_id: int


@dataclass(frozen=True)
class PolicyAdopted:
    """Two officers have approved a version of the star policy."""

    version_id: int


@dataclass(frozen=True)
class DecisionLookedAt:
    """An officer has looked again at a borderline decision and found it right, or not."""

    decision_id: int
    person_id: int
    confirmed: bool


@dataclass(frozen=True)
class SubsidyPrepared:
    """One officer has prepared the subsidy of a month; another one is to settle it."""

    preparation_id: int

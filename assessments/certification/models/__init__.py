"""Tables of certification: policies, decisions, proposals with their approvals, certificates, keys."""

from assessments.certification.models.certificates import (
    Certificate,
    CertificateChange,
    CertificatePeriod,
    NumberSeries,
    RevocationAnswer,
    RevocationRequest,
)
from assessments.certification.models.doubts import CertificateDoubt, DoubtAnswer
from assessments.certification.models.proposals import Approval, ClosingKind, OfficerAct, Proposal, ProposalClosing
from assessments.certification.models.signatures import CertificateSignature, SignerKey
from assessments.certification.models.stars import InLedger, PolicyVersion, StarDecision

__all__ = [
    "Approval",
    "Certificate",
    "CertificateChange",
    "CertificateDoubt",
    "CertificatePeriod",
    "CertificateSignature",
    "ClosingKind",
    "DoubtAnswer",
    "InLedger",
    "NumberSeries",
    "OfficerAct",
    "PolicyVersion",
    "Proposal",
    "ProposalClosing",
    "RevocationAnswer",
    "RevocationRequest",
    "SignerKey",
    "StarDecision",
]

"""Tables of certification: policies, decisions, proposals with their approvals, certificates, keys."""

from assessments.certification.models.certificates import (
    Certificate,
    CertificateChange,
    CertificatePeriod,
    CertificateReminder,
    NumberSeries,
    PeriodSignature,
    RevocationAnswer,
    RevocationRequest,
)
from assessments.certification.models.doubts import CertificateDoubt, DoubtAnswer
from assessments.certification.models.follows import FollowsPolicy, SubsidyLine, SubsidyMonth, SubsidyPreparation
from assessments.certification.models.policies import (
    DraftEnd,
    PolicyApproval,
    PolicyClosing,
    PolicyDraft,
    PolicyMove,
    PolicyPreview,
    PolicyProposal,
)
from assessments.certification.models.proposals import Approval, ClosingKind, OfficerAct, Proposal, ProposalClosing
from assessments.certification.models.signatures import CertificateSignature, Credential, SignerKey, StatusList
from assessments.certification.models.stars import InLedger, PolicyVersion, SecondLook, StarDecision
from assessments.certification.models.suspensions import SuspensionAnswer, SuspensionRequest

__all__ = [
    "Approval",
    "Certificate",
    "CertificateChange",
    "CertificateDoubt",
    "CertificatePeriod",
    "CertificateReminder",
    "CertificateSignature",
    "ClosingKind",
    "Credential",
    "DoubtAnswer",
    "DraftEnd",
    "FollowsPolicy",
    "InLedger",
    "NumberSeries",
    "OfficerAct",
    "PeriodSignature",
    "PolicyApproval",
    "PolicyClosing",
    "PolicyDraft",
    "PolicyMove",
    "PolicyPreview",
    "PolicyProposal",
    "PolicyVersion",
    "Proposal",
    "ProposalClosing",
    "RevocationAnswer",
    "RevocationRequest",
    "SecondLook",
    "SignerKey",
    "StarDecision",
    "StatusList",
    "SubsidyLine",
    "SubsidyMonth",
    "SubsidyPreparation",
    "SuspensionAnswer",
    "SuspensionRequest",
]

"""Who may see stars and certificates, and who decides about them."""

from courses.mentoring.policy import MENTOR_NOW
from lms.authz import ByRelation, ByRole, Permission, Role, declare, itself


class Stars(Permission):
    """Permissions over decisions."""

    OWN = "certification:star:own"
    READ = "certification:star:read"
    DECIDE = "certification:star:decide"
    TRY = "certification:star:try"
    LOOK = "certification:star:look"


class Certificates(Permission):
    """Permissions over proposals and certificates."""

    OWN = "certification:certificate:own"
    BROWSE = "certification:certificate:browse"
    READ = "certification:certificate:read"
    READ_NOTE = "certification:certificate:read-note"
    PROPOSE = "certification:certificate:propose"
    DECIDE = "certification:certificate:decide"
    PROVE = "certification:certificate:prove"
    ISSUE = "certification:certificate:issue"
    REVOKE = "certification:certificate:revoke"
    DOUBT = "certification:certificate:doubt"
    SUSPEND = "certification:certificate:suspend"
    REMIND = "certification:certificate:remind"


class Policies(Permission):
    """Permissions over star policies; what a policy asks for is public."""

    LOOK = "certification:policy:look"
    DRAFT = "certification:policy:draft"
    DECIDE = "certification:policy:decide"
    PREVIEW = "certification:policy:preview"


class Following(Permission):
    """Permissions over what follows from stars."""

    BROWSE = "certification:follows:browse"
    READ = "certification:follows:read"
    SETTLE = "certification:subsidy:settle"


_PERSON = ByRelation("the person it is about", itself)
_OFFICER = ByRole(Role.CERTIFICATE_OFFICER)
_AUDITOR = ByRole(Role.AUDITOR)
_MANAGER = ByRole(Role.INSTITUTION_MANAGER)

declare(
    {
        Following.BROWSE: [_OFFICER, _AUDITOR, _MANAGER],
        Following.READ: [_OFFICER, _AUDITOR, _MANAGER],
        Following.SETTLE: [_OFFICER],
        Stars.OWN: [ByRole(Role.DOCTOR)],
        Stars.READ: [_PERSON, _OFFICER, _AUDITOR, _MANAGER],
        Stars.DECIDE: [],  # the system alone
        Stars.TRY: [_PERSON, MENTOR_NOW, _OFFICER, _AUDITOR, _MANAGER],
        Stars.LOOK: [_OFFICER],
        Certificates.OWN: [ByRole(Role.DOCTOR)],
        Certificates.BROWSE: [_OFFICER, _AUDITOR, _MANAGER],
        Certificates.READ: [_PERSON, _OFFICER, _AUDITOR, _MANAGER],
        Certificates.READ_NOTE: [_OFFICER, _AUDITOR],
        Certificates.PROPOSE: [],  # the system alone
        Certificates.DECIDE: [_OFFICER],
        Certificates.PROVE: [ByRelation("oneself", itself)],
        Certificates.ISSUE: [],  # the system alone, after two approvals
        Certificates.REVOKE: [_OFFICER],
        Certificates.DOUBT: [],  # the system alone, when a result was corrected
        Certificates.SUSPEND: [_OFFICER],
        Certificates.REMIND: [],  # the system alone, when the end comes near
        Policies.LOOK: [_OFFICER, _AUDITOR],
        Policies.DRAFT: [_OFFICER],
        Policies.DECIDE: [_OFFICER],
        Policies.PREVIEW: [],  # the system alone, for whoever asked
    }
)

"""Who may see stars and certificates, and who decides about them."""

from lms.authz import ByRelation, ByRole, Permission, Role, declare, itself


class Stars(Permission):
    """Permissions over decisions."""

    OWN = "certification:star:own"
    READ = "certification:star:read"
    DECIDE = "certification:star:decide"


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


_PERSON = ByRelation("the person it is about", itself)
_OFFICER = ByRole(Role.CERTIFICATE_OFFICER)
_AUDITOR = ByRole(Role.AUDITOR)
_MANAGER = ByRole(Role.INSTITUTION_MANAGER)

declare(
    {
        Stars.OWN: [ByRole(Role.DOCTOR)],
        Stars.READ: [_PERSON, _OFFICER, _AUDITOR, _MANAGER],
        Stars.DECIDE: [],  # the system alone
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
    }
)

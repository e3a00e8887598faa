"""Who may record and read evidence."""

from lms.authz import ByRelation, ByRole, Permission, Role, declare, itself


class Results(Permission):
    """Permissions over evidence."""

    RECORD = "results:result:record"
    BRING_IN = "results:history:bring-in"
    READ = "results:result:read"
    OWN = "results:result:own"


declare(
    {
        Results.RECORD: [ByRole(Role.EXAM_OFFICER)],
        Results.BRING_IN: [ByRole(Role.EXAM_OFFICER)],
        Results.OWN: [ByRole(Role.DOCTOR)],
        Results.READ: [
            ByRelation("the person the result is about", itself),
            ByRole(Role.EXAM_OFFICER),
            ByRole(Role.CERTIFICATE_OFFICER),
            ByRole(Role.INSTITUTION_MANAGER),
            ByRole(Role.AUDITOR),
        ],
    }
)

"""Who may enter hours, take them back, read them, and say how many are asked."""

from lms.authz import ByRelation, ByRole, Permission, Role, declare, itself


class Hours(Permission):
    """Permissions over hours."""

    CREDIT = "hours:entry:credit"
    BRING_IN = "hours:history:bring-in"
    REVERSE = "hours:entry:reverse"
    READ = "hours:entry:read"
    SET_TARGET = "hours:target:set"
    SET_CREDITS = "hours:credits:set"


declare(
    {
        Hours.CREDIT: [ByRole(Role.INSTITUTION_MANAGER)],
        Hours.BRING_IN: [ByRole(Role.INSTITUTION_MANAGER)],
        Hours.REVERSE: [ByRole(Role.INSTITUTION_MANAGER)],
        Hours.READ: [
            ByRelation("the person the hours belong to", itself),
            ByRole(Role.INSTITUTION_MANAGER),
            ByRole(Role.CERTIFICATE_OFFICER),
            ByRole(Role.AUDITOR),
        ],
        Hours.SET_TARGET: [ByRole(Role.SYSTEM_ADMINISTRATOR)],
        # asked on the root of the tree: one arithmetic for all
        Hours.SET_CREDITS: [ByRole(Role.CERTIFICATE_OFFICER), ByRole(Role.SYSTEM_ADMINISTRATOR)],
    }
)

"""Who may read the catalogue, and who may see where a person stands."""

from lms.authz import Anyone, ByRelation, ByRole, Permission, Role, declare, itself


class Techniques(Permission):
    """Permissions over the catalogue of techniques."""

    READ = "techniques:technique:read"
    STANDING = "techniques:standing:read"


declare(
    {
        Techniques.READ: [Anyone(signed_in=True)],
        Techniques.STANDING: [
            ByRelation("the person it is about", itself),
            ByRole(Role.INSTITUTION_MANAGER),
            ByRole(Role.EXAM_OFFICER),
            ByRole(Role.CERTIFICATE_OFFICER),
            ByRole(Role.AUDITOR),
        ],
    }
)

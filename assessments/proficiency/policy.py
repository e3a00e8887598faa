"""Who may conclude where people stand, and who is told what of their own fades."""

from lms.authz import ByRole, Permission, Role, declare


class Proficiency(Permission):
    """Permissions over what is concluded of the evidence."""

    CONCLUDE = "proficiency:standing:conclude"
    OWN = "proficiency:own:list"


declare(
    {
        Proficiency.CONCLUDE: [],  # jobs alone
        Proficiency.OWN: [ByRole(Role.DOCTOR)],
    }
)

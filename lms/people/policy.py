"""Who may do what with accounts and roles."""

from lms.authz import ByRelation, ByRole, Permission, Role, declare, itself


class People(Permission):
    """What can be done with persons, their accounts and their roles."""

    PASS_SECOND_FACTOR = "people:second-factor:pass"
    CHANGE_PASSWORD = "people:password:change"  # noqa: S105 - not a password
    ENROL = "people:second-factor:enrol"
    KEEP_ACCOUNT = "people:account:keep"
    END_SIGN_IN = "people:sign-in:end"
    ISSUE_PASSWORD = "people:password:issue"  # noqa: S105 - not a password
    RESET_SECOND_FACTOR = "people:second-factor:reset"
    GRANT_ROLE = "people:role:grant"


_ONESELF = ByRelation("oneself", itself)

declare(
    {
        People.PASS_SECOND_FACTOR: [_ONESELF],
        People.CHANGE_PASSWORD: [_ONESELF],
        People.ENROL: [_ONESELF],
        People.KEEP_ACCOUNT: [_ONESELF],
        People.END_SIGN_IN: [_ONESELF, ByRole(Role.SYSTEM_ADMINISTRATOR)],
        People.ISSUE_PASSWORD: [ByRole(Role.INSTITUTION_MANAGER), ByRole(Role.SYSTEM_ADMINISTRATOR)],
        People.RESET_SECOND_FACTOR: [ByRole(Role.SYSTEM_ADMINISTRATOR)],
        People.GRANT_ROLE: [ByRole(Role.INSTITUTION_MANAGER), ByRole(Role.SYSTEM_ADMINISTRATOR)],
    }
)

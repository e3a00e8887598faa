"""Who may do what with accounts and roles."""

from lms.authz import ByRelation, ByRole, Permission, Role, declare, itself


class People(Permission):
    """What can be done with persons, their accounts and their roles."""

    PASS_SECOND_FACTOR = "people:second-factor:pass"  # noqa: S105 - not a password
    CHANGE_PASSWORD = "people:password:change"  # noqa: S105 - not a password
    ENROL = "people:second-factor:enrol"
    KEEP_ACCOUNT = "people:account:keep"
    SEE_ACCESS = "people:access:see"
    SEE_SIGN_INS = "people:sign-in:see"
    SWEEP = "people:sign-in:sweep"
    END_SIGN_IN = "people:sign-in:end"
    ISSUE_PASSWORD = "people:password:issue"  # noqa: S105 - not a password
    SEND_RESET = "people:reset:send"
    RESET_SECOND_FACTOR = "people:second-factor:reset"
    GRANT_ROLE = "people:role:grant"
    READ = "people:person:read"
    LIST = "people:person:list"
    MANAGE = "people:person:manage"
    IMPORT = "people:roster:import"
    BEGIN = "people:installation:begin"
    TAKE_OUT = "people:data:take-out"
    MAKE_EXPORT = "people:data:make"
    ERASE = "people:person:erase"
    ERASE_DUE = "people:person:erase-due"


_ONESELF = ByRelation("oneself", itself)
#: The roles that keep the directory of persons, and those that read in it besides.
KEEPERS = (Role.INSTITUTION_MANAGER, Role.SYSTEM_ADMINISTRATOR)
_READERS = (*KEEPERS, Role.EXAM_OFFICER, Role.CERTIFICATE_OFFICER, Role.AUDITOR)

declare(
    {
        People.PASS_SECOND_FACTOR: [_ONESELF],
        People.CHANGE_PASSWORD: [_ONESELF],
        People.ENROL: [_ONESELF],
        People.KEEP_ACCOUNT: [_ONESELF],
        People.SEE_SIGN_INS: [ByRole(Role.SYSTEM_ADMINISTRATOR)],
        People.SEE_ACCESS: [*map(ByRole, KEEPERS), ByRole(Role.AUDITOR)],
        People.SWEEP: [],  # jobs alone
        People.END_SIGN_IN: [_ONESELF, ByRole(Role.SYSTEM_ADMINISTRATOR)],
        People.ISSUE_PASSWORD: [ByRole(Role.INSTITUTION_MANAGER), ByRole(Role.SYSTEM_ADMINISTRATOR)],
        People.SEND_RESET: [],
        People.RESET_SECOND_FACTOR: [ByRole(Role.SYSTEM_ADMINISTRATOR)],
        People.GRANT_ROLE: [ByRole(Role.INSTITUTION_MANAGER), ByRole(Role.SYSTEM_ADMINISTRATOR)],
        People.READ: [*map(ByRole, _READERS), _ONESELF],
        People.LIST: [*map(ByRole, _READERS)],
        People.MANAGE: [*map(ByRole, KEEPERS)],
        People.IMPORT: [*map(ByRole, KEEPERS)],
        People.BEGIN: [],  # the command line alone
        People.TAKE_OUT: [_ONESELF],
        People.MAKE_EXPORT: [],  # jobs alone
        People.ERASE: [*map(ByRole, KEEPERS)],
        People.ERASE_DUE: [],  # jobs and the command line alone
    }
)

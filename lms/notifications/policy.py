"""Who may do what with notices: one's own are nobody else's business."""

from lms.authz import Anyone, ByRelation, ByRole, Permission, Role, declare, itself


class Notices(Permission):
    """What can be done with what people were told."""

    OWN = "notifications:inbox:own"
    READ = "notifications:notice:read"
    SETTLE = "notifications:settings:keep"
    TELL = "notifications:notice:tell"
    SEND = "notifications:delivery:send"
    BROWSE = "notifications:delivery:browse"
    RESEND = "notifications:delivery:resend"
    FORGET = "notifications:notice:forget"


_MINE = ByRelation("whose notice it is", itself)

declare(
    {
        Notices.OWN: [Anyone(signed_in=True)],
        Notices.READ: [_MINE],
        Notices.SETTLE: [ByRelation("oneself", itself)],
        Notices.TELL: [],  # jobs alone
        Notices.SEND: [],  # jobs alone
        Notices.FORGET: [],  # jobs alone
        Notices.BROWSE: [ByRole(Role.SYSTEM_ADMINISTRATOR)],
        Notices.RESEND: [ByRole(Role.SYSTEM_ADMINISTRATOR)],
    }
)

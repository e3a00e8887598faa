"""Who may read and answer flags; models are trained and flags raised by jobs and commands alone."""

from courses.mentoring.policy import MENTOR_NOW
from lms.authz import Actor, ByRole, Permission, Role, declare


class Stall(Permission):
    """Permissions over flags."""

    LIST = "stall:flag:list"
    READ = "stall:flag:read"
    ANSWER = "stall:flag:answer"
    OWN = "stall:own:read"
    TRAIN = "stall:model:train"
    WATCH = "stall:flag:raise"


_manager = ByRole(Role.INSTITUTION_MANAGER)

declare(
    {
        Stall.LIST: [ByRole(Role.MENTOR), _manager],
        Stall.READ: [MENTOR_NOW, _manager],
        # whoever only administers does not judge whether a skill is fading; a manager finds the doctor a mentor
        Stall.ANSWER: [MENTOR_NOW],
        Stall.OWN: [ByRole(Role.DOCTOR)],
        Stall.TRAIN: [],  # jobs and commands
        Stall.WATCH: [],  # jobs alone
    }
)

#: On whose behalf models are trained and flags raised, by night or by command.
WATCHER = Actor.job("stall.watch", Stall.WATCH, Stall.TRAIN)

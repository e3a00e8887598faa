"""Letters about one's account, in both languages: whoever reads it has no page to choose one."""

from flask_babel import force_locale

from lms.i18n import LANGUAGES, _
from lms.mail import Letter
from lms.people.models import Person


def reset_letter(person: Person, address: str) -> Letter:
    """The letter with the link to a new password."""
    subjects, texts = [], []
    for language in LANGUAGES:
        with force_locale(language):
            subjects.append(_("Choose a new password"))
            texts.append(
                _(
                    "%(name)s, somebody asked for a new password for your account %(account)s.\n\n"
                    "To choose one, open this address within 30 minutes. It works once.\n\n%(address)s\n\n"
                    "If it was not you, do nothing: your password stays as it is.",
                    name=person.name,
                    account=person.account,
                    address=address,
                )
            )
    return Letter(to=person.email or "", subject=" / ".join(subjects), text="\n\n----\n\n".join(texts))

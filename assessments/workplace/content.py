"""What is asked of a year of workplace assessment, out of a content pack: workplace/*.yaml."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field

from assessments.workplace.models import WorkplaceRequirement, WorkplaceRequirementVersion
from lms.content.formats import CODE, Fault, File, Kind, Pack, SourceRef, Strict, Tally, Title, names
from lms.content.versions import Versioned
from lms.people.models import Category
from lms.techniques.content import TechniqueRef


class WantedEntry(Strict):
    """So many assessments with a kind of form, in one technique or in any."""

    form: Literal["dops", "mini_cex", "cbd"]
    technique: TechniqueRef | None = None
    times: int = Field(ge=1, le=60)


class RequirementFile(Strict):
    """What is asked of one category in a year."""

    code: Annotated[str, Field(pattern=CODE, max_length=80), names("workplace_requirement")]
    category: Category
    title: Title
    total: int = Field(ge=1, le=200)
    assessors: int = Field(ge=1, le=20)
    wanted: list[WantedEntry] = Field(min_length=1, max_length=40)
    sources: list[SourceRef] = Field(min_length=1)
    retired: bool = False

    def body(self) -> dict[str, Any]:
        """The numbers as a version keeps them."""
        return {
            "total": self.total,
            "assessors": self.assessors,
            "wanted": [one.model_dump() for one in self.wanted],
        }


def check(_pack: Pack, files: list[File[RequirementFile]]) -> Iterable[Fault]:
    """What the schema cannot say: each want once, not more than the total, one file in use for a category."""
    used: set[Category] = set()
    for file in files:
        asked = file.value
        wants = [(one.form, one.technique) for one in asked.wanted]
        for number, want in enumerate(wants):
            if wants.index(want) != number:
                yield file.fault("this form and technique are asked for already", "wanted", number)
        if sum(one.times for one in asked.wanted) > asked.total:
            yield file.fault("the wants come to more than the total", "total")
        if asked.assessors > asked.total:
            yield file.fault("more assessors than assessments", "assessors")
        if not asked.retired and asked.category in used:
            yield file.fault(f"{asked.category} has its requirement already", "category")
        used |= set() if asked.retired else {asked.category}


def load(pack: Pack, files: list[File[RequirementFile]]) -> Tally:
    """Bring the requirements to what the pack says: other numbers are a new version, nothing is changed or removed."""

    def about(entry: RequirementFile) -> dict[str, Any]:
        return {
            "category": entry.category,
            "title": entry.title.zh,
            "title_en": entry.title.en,
            "retired": entry.retired,
        }

    return Versioned(WorkplaceRequirement, WorkplaceRequirementVersion, "requirement_id").bring(pack, files, about)


KINDS = (Kind("workplace_requirement", "workplace/*.yaml", RequirementFile, load, check),)

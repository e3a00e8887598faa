"""What a station asks for, as blueprints name it."""

from enum import StrEnum


class Skill(StrEnum):
    """The kind of task a station sets; the first eight are those of the national practical exam."""

    HISTORY = "history"
    CASE_ANALYSIS = "case_analysis"
    PHYSICAL_EXAM = "physical_exam"
    PROCEDURE = "procedure"
    AUSCULTATION = "auscultation"
    IMAGING = "imaging"
    ECG = "ecg"
    ETHICS = "ethics"
    EMERGENCY = "emergency"
    COUNSELLING = "counselling"

"""Theory exams: papers, sittings, attempts as events, scoring, release."""

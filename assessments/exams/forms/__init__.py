"""Forms of exams, their results and their cuts, and the words in which all that is shown."""

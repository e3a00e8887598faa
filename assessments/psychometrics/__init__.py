"""Statistics of questions, papers and cuts: numbers in, numbers out. Knows nothing of exams or people."""

"""What a question is, what its key must be, and what an answer to it is worth."""

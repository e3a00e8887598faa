"""What a trace is, what is measured in it, how that is judged and what is said about it: pure."""

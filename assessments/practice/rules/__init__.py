"""What an evaluation of practice is worth: records, indicators, the whole, and what an import would do; pure."""

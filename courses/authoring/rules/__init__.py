"""What holds of courses in the making, without a database. Pure."""

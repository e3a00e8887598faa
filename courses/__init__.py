"""What people do in order to learn."""

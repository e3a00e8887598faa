"""What people are told of, and when it may reach them."""

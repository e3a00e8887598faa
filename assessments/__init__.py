"""What we conclude about them."""

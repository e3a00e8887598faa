"""What leaves the house: letters and text messages."""

"""The catalogue of clinical techniques, their standards, and who stands where in them."""

"""The verbs about persons: signing in, second factors, roles, the register."""

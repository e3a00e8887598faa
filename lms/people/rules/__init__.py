"""Pure rules about persons: accounts, passwords, sessions, roles, identity numbers."""

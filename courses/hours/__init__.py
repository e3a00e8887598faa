"""The ledger of theory, simulation and practice hours."""

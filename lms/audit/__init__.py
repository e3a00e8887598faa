"""The audit log: who did what, when and from where. It keeps the words; the ledger keeps their hashes."""

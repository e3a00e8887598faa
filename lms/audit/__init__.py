"""Who did what, when and from where: the words; the ledger holds their hashes."""

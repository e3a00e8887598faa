"""The ledger: an append-only Merkle log of salted hashes that proves what was recorded, and when."""

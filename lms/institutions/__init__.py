"""The administrative tree: health commissions, hospitals, centres, clinics; and consortia beside it."""

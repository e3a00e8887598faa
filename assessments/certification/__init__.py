"""Star policy, decisions, certificates, and the page a stranger verifies them on."""

"""The rules of certification: policy, decision, what is signed, and what a certificate is on a date."""

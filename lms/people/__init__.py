"""Accounts, sign-in, roles, posts, and the roster a county clerk keeps."""

"""The verbs: make, rename, move and close institutions; import a city; form consortia."""

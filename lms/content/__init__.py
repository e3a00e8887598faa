"""Content packs: folders of YAML and Markdown that are checked without a database and loaded twice without harm."""

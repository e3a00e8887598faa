"""The page shell: pages, navigation, forms, errors, templates and static files."""

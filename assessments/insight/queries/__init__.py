"""Where figures come from, how they are added up the tree, and how they are read."""

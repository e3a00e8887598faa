"""Pure statistics, one matter a module: items, distractors, keys, information, generalisability, standards."""

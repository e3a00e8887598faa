"""Pure rules: pinyin for sorting and finding, the plan of a city's institutions, what may stand under what."""

"""A cohort of learners who do not exist: two years of marks with known latent skill, from one seed.

`parameters.py` says what was assumed and from which source, `simulate.py` lets the years pass; neither knows a
database. `python -m demo.cohort simulate` writes the marks as a plain file for whoever wants to try a model.
"""

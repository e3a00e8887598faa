"""Time spent in a higher hospital: planned against its capacity, started, ended and evaluated there."""

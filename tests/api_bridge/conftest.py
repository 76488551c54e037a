"""Hypothesis without its stopwatch: a busy machine is no fault of the code under test."""

from hypothesis import settings

settings.register_profile("no stopwatch", deadline=None)
settings.load_profile("no stopwatch")

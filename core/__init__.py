"""Pure decisions: standard library only, no I/O, no clock, no randomness, no globals."""

VERSION = "0.1.0"

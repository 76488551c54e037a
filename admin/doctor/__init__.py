"""Gathers the facts that `core.doctor` judges: from this machine, the network and the mirror."""

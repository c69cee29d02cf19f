"""Measurements: `make bench` prints one JSON object for each."""

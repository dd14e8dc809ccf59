"""Readers of the cohorts file, the holidays file and the roster: file -> typed rows, no database."""

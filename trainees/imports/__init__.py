"""Readers of outside files about people: a file becomes typed rows with line numbers; no database."""

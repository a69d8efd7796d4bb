"""Decisions: values in, values out. Nothing here reads a clock, a file, a database or a network."""

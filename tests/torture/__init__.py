"""Kills and faults without end while people talk both ways, and the count of what went wrong."""

"""Everything a connector may import: the words, the errors, the ports, HTTP and settings."""

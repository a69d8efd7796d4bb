"""Power cuts, rebuilt from a program's real writes: only what was synced stays for sure."""

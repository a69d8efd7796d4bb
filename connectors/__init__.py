"""One file per vendor; README.md tells how to write one."""

"""Fault tests of an index: kills, full disks, power cuts, damage, crafted files. `make torture` runs more."""

"""What an index survives: kills, full disks, power cuts, damage, crafted files. `make torture` does more."""

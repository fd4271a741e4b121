"""What an index survives: kills, full disks, power cuts, damage, crafted files. `make torture` runs the long variants."""

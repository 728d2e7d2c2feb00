"""Self-inspections (自查) of units, by the checklists that inspectors have."""

"""Checklists (检查表): what inspectors look at, edition by edition."""

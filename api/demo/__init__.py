"""The demo: two cities with everything in them, made deterministically."""

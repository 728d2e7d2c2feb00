"""What the operator does with a whole city: its standing, its archive, its end."""

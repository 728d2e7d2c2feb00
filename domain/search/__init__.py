"""Search (检索): what names and numbers are found by."""

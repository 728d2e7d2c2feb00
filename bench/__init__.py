"""What it costs: figures side by side in one run (`make bench`)."""

"""What runs on the box in the store: watch, count, forget."""

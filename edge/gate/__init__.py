"""What the box says to the world: numbers in from the eyes, safe on disk, out to the broker. No camera."""

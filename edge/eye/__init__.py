"""What watches the cameras: pictures in, numbers out to the gate. No disk, no network but the cameras'."""

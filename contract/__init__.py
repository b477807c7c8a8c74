"""What travels between the boxes, the server, the screens and the loyalty system."""

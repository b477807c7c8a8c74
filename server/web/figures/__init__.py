"""Charts as SVG, drawn on the server: pure functions of numbers and of words already in the reader's language."""

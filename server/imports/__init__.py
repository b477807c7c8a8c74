"""What till and loyalty programme tell: read from messages and files, checked, added up."""

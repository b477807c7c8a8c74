"""Age and gender from faces: in profile demographics only. Other profiles cannot import this package in an eye."""

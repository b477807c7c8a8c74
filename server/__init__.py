"""What runs centrally: ingest, REST, dashboard."""

"""JSON Schemas of the configuration files, for editors: `python -m edge.schemas config` writes them anew."""

import json
import sys
from pathlib import Path

from pydantic import BaseModel

from contract.site import Site
from edge.config import EdgeConfig

SCHEMAS: dict[str, type[BaseModel]] = {"edge.schema.json": EdgeConfig, "site.schema.json": Site}


def schema_text(name: str) -> str:
    """The schema as it stands in the file."""
    return json.dumps(SCHEMAS[name].model_json_schema(), indent=2, ensure_ascii=False) + "\n"


def write_schemas(folder: Path) -> None:
    """Write all of them."""
    for name in SCHEMAS:
        (folder / name).write_text(schema_text(name), encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))

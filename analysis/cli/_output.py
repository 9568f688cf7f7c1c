"""What the commands write: whole or not at all."""

import json
from pathlib import Path
from typing import Any


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file in one rename.

    Raises:
        ValueError: a number in it is not finite.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(json.dumps(value, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)

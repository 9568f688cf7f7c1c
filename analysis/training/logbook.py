"""One line of JSON for every report of a run, so that curves can be drawn from any run, stopped or not."""

import json
from collections.abc import Mapping
from pathlib import Path


class Logbook:
    """Appends to ``log.jsonl`` in the folder of a run."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "log.jsonl"
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, row: Mapping[str, float | int | str]) -> None:
        """Add one row."""
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(dict(row)) + "\n")

    def rows(self) -> list[dict[str, float | int | str]]:
        """All rows so far."""
        if not self.path.is_file():
            return []
        return [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]

"""The file that lies beside a folder of labelled pictures."""

import json
from pathlib import Path
from typing import Any

from analysis.core.problems import InputProblem


def read_annotations(folder: Path, what: str) -> list[dict[str, Any]]:
    """The records of ``annotations.json``.

    Args:
        folder: of the pictures' set.
        what: the kind of pictures expected, for the sentence of a refusal.

    Raises:
        InputProblem: no readable ``annotations.json`` in the folder.
    """
    try:
        records: list[dict[str, Any]] = json.loads(
            (folder / "annotations.json").read_text(encoding="utf-8")
        )
    except (OSError, json.JSONDecodeError) as error:
        raise InputProblem(
            "labels_unreadable",
            f"{folder} has no readable annotations.json: name a folder of {what}.",
        ) from error
    return records

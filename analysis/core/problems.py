"""Expected failures, told apart by whose turn it is to act.

Anything that is not one of these is a bug and stays loud. Codes are words; sentences for the web live in
``webapp/analytics/messages.py``, the command line shows ``sentence``.
"""

INPUT_CODES = (
    "video_missing",
    "video_not_a_file",
    "video_empty",
    "video_not_a_container",
    "video_unreadable",
    "video_truncated",
    "video_damaged",
    "video_no_picture",
    "video_single_frame",
    "video_too_small",
    "video_too_large",
    "video_too_big",
    "video_too_long",
    "video_too_fast",
    "video_too_many_streams",
    "video_codec",
    "video_unplayable",
    "video_twice",
    "image_missing",
    "image_unreadable",
    "csv_columns",
    "csv_cell",
    "folder_missing",
    "output_exists",
    "recipe_missing",
    "recipe_unreadable",
    "pitch_size",
    "device_missing",
)
TRANSIENT_CODES = ("disk_full", "encoder_stuck", "encoder_failed")


class Problem(Exception):
    """Root of the expected failures."""


class InputProblem(Problem):
    """The user's input cannot be worked on.

    Attributes:
        code: stable word such as ``video_not_a_container``; the web maps it to a sentence and advice.
        sentence: one plain sentence that names the next step.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class PlanProblem(Problem):
    """A recipe cannot be carried out: unknown methods, needs that nothing produces, unknown settings.

    Attributes:
        gaps: every gap found, not only the first.
    """

    def __init__(self, gaps: list[str]) -> None:
        super().__init__("; ".join(gaps))
        self.gaps = gaps


class Transient(Problem):
    """Our surroundings failed (disk full, device lost): the same work may pass later.

    Attributes:
        code: stable word such as ``disk_full``.
        sentence: one plain sentence that names the next step.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class Cancelled(Problem):
    """Somebody asked for the work to stop."""

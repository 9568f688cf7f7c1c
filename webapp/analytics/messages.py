"""Problem codes in words: what happened, and what to try. Codes are made in ``analysis``; words are for coaches."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """One plain sentence and the next step."""

    sentence: str
    advice: str


_AGAIN_OR_ASK = (
    "Try again. If it happens twice, give the reference below to whoever looks after this site."
)
_OURS = Advice("Something went wrong on our side.", _AGAIN_OR_ASK)
_CONVERT = "Convert it to MP4 (H.264) with any converter and upload it again."
_AGAIN = "Upload the file again; if it fails again, export it once more from your camera or editor."
_OPERATOR = "Try again in a while. If it goes on, tell whoever looks after this site, with the reference below."
_ADVICE: dict[str, Advice] = {
    "video_missing": Advice("The video file is not there.", _AGAIN),
    "video_not_a_file": Advice("This is not a file that can be read.", _AGAIN),
    "video_empty": Advice("The file is empty.", _AGAIN),
    "video_not_a_container": Advice(
        "This file is not a video, whatever its name says.",
        "Choose the video itself: MP4, MOV, MKV, AVI or TS.",
    ),
    "video_unreadable": Advice("The video cannot be read.", _CONVERT),
    "video_truncated": Advice(
        "The end of the video is missing: it was probably cut off while it was copied.",
        "Copy the file from the camera again, play it to the end, then upload it.",
    ),
    "video_damaged": Advice("The video is damaged.", _CONVERT),
    "video_no_picture": Advice(
        "There is only sound in this file.", "Choose the file with the picture and upload that."
    ),
    "video_single_frame": Advice(
        "This file holds one single picture.", "Upload a video of the match."
    ),
    "video_too_small": Advice(
        "The picture is too small to see players in it.",
        "Upload the largest version you have, at least 320 pixels wide; 1280 or more works best.",
    ),
    "video_too_large": Advice(
        "The picture is larger than we can work on.", "Export it at 3840 x 2160 or less and upload that."
    ),
    "video_too_big": Advice(
        "The file is larger than this site accepts.", "Upload one half at a time, or a smaller export."
    ),
    "video_too_long": Advice(
        "The video is longer than a match.", "Cut it to the match, or upload one half at a time."
    ),
    "video_too_fast": Advice(
        "The video has more pictures a second than we can work on.", "Export it at 60 a second or less."
    ),
    "video_too_many_streams": Advice(
        "The file holds too many tracks.", "Export it with one picture and one sound track."
    ),
    "video_codec": Advice("The picture is packed in a way we cannot read.", _CONVERT),
    "video_unplayable": Advice("No copy for the browser could be made of this video.", _CONVERT),
    "video_twice": Advice(
        "The same video was given twice.", "Choose two different files, one for each half."
    ),
    "video_duplicate": Advice(
        "Your team has this very file already.", "Open it in the list of matches, or delete it there first."
    ),
    "videos_not_ready": Advice(
        "The videos of this match are not all checked yet.", "Wait a moment, then start the analysis again."
    ),
    "match_not_found": Advice("There is no such match.", "Go back to the list of matches."),
    "image_missing": Advice("The picture is not there.", "Choose the picture again."),
    "image_unreadable": Advice("The picture cannot be read.", "Save it as PNG or JPEG and try again."),
    "csv_columns": Advice(
        "The columns of this file are not the expected ones.", "Export the file again without changing its first line."
    ),
    "csv_cell": Advice(
        "One cell of this file cannot be read.", "Correct it, or export the file again."
    ),
    "folder_missing": Advice("The folder is not there.", "Check the path and try again."),
    "output_exists": Advice("There is a result already.", "Choose another place, or remove the old result first."),
    "recipe_missing": Advice(
        "This way of analysing is not installed here.", "Choose another one, or ask whoever looks after this site."
    ),
    "recipe_unreadable": Advice(
        "The settings of this analysis cannot be read.", "Ask whoever looks after this site to correct them."
    ),
    "pitch_size": Advice(
        "No pitch has this size.", "Set a length of 90 to 120 m and a width of 45 to 90 m in the match's settings."
    ),
    "device_missing": Advice(
        "The graphics card this site is set up for is not there.", _OPERATOR
    ),
    "disk_full": Advice(
        "There is no room left on the server's disk.",
        "Delete matches you no longer need, then try again. What was worked out so far is kept.",
    ),
    "encoder_stuck": Advice("Making the copy for the browser took too long.", _OPERATOR),
    "encoder_failed": Advice("Making the copy for the browser failed.", _OPERATOR),
    "device_memory": Advice(
        "The graphics card ran out of memory.",
        "Try again when nothing else uses it, or ask whoever looks after this site to set ANALYSIS_DEVICE=cpu.",
    ),
    "storage_away": Advice("The storage of files did not answer.", _OPERATOR),
    "storage_refuses": Advice("The storage of files refuses this site.", _OPERATOR),
    "database_away": Advice("The database was away for too long.", _OPERATOR),
    "recipe_impossible": Advice(
        "This way of analysing cannot be carried out here.", "Ask whoever looks after this site to check its settings."
    ),
    "bug": _OURS,
    "media_missing": Advice("The video's file is not where it should be.", _OPERATOR),
    "worker_lost": Advice(
        "The analysis stopped several times without an answer.",
        "Mostly the machine ran out of memory: upload the halves as two files, or convert the file to MP4 (H.264), "
        "then try again.",
    ),
    "no_usable_pitch_view": Advice(
        "We could not see enough of the pitch in this video.",
        "Footage from a higher place near the halfway line works best. You can still watch it here.",
    ),
}  # fmt: skip


def advice_for(code: str, sentence: str = "") -> Advice:
    """Words for a problem code.

    An unknown code with a sentence of its own keeps that sentence; without one the fault is taken to be ours.
    """
    if code in _ADVICE:
        return _ADVICE[code]
    if sentence:
        return Advice(sentence, _AGAIN_OR_ASK)
    return _OURS


def known_codes() -> frozenset[str]:
    """Codes that have words of their own."""
    return frozenset(_ADVICE)

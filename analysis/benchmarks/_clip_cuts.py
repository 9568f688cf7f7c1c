"""Transitions of the real clips, listed by eye at every third picture: (second of its middle, kind)."""

CUTS: dict[str, tuple[tuple[float, str], ...]] = {
    "action_0_clip_1": ((0.28, "abrupt"), (2.22, "logo"), (3.9, "smooth")),
    "action_0_clip_2": ((0.5, "logo"), (2.4, "smooth"), (4.0, "logo")),
    "action_1_clip_1": ((1.4, "logo"), (4.42, "smooth")),
    "action_1_clip_2": ((1.78, "smooth"),),
    "action_2_clip_1": ((2.24, "logo"),),
    "action_2_clip_2": ((0.9, "smooth"), (4.9, "smooth")),
    "action_3_clip_1": ((1.34, "logo"), (4.34, "smooth")),
    "action_4_clip_3": ((0.36, "smooth"), (2.22, "smooth"), (4.64, "smooth")),
    "osl_clip_1_closeup_transition": ((1.45, "logo"), (4.5, "logo")),
    "zakery_realmadrid_sevilla_720p": ((4.35, "smooth"),),
}
"""The other clips are one shot each. A wipe in the last three pictures of ``action_1_clip_2`` is not counted."""

MAIN_CAMERA = (
    "action_1_clip_0",
    "action_3_clip_0",
    "action_4_clip_0",
    "dhruvil_inter_seriea_848x478_60fps",
    "zakery_realmadrid_sevilla_720p",
)
"""Clips that show the main camera from the first picture to the last; no other clip shows it."""

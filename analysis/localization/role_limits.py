"""How many referees and goalkeepers one picture can hold, and who they cannot be dressed like.

A network that sees one person at a time takes a team in black for referees and one in neon for goalkeepers. The laws of
the game say otherwise: there are three referees on a field and two goalkeepers, and nobody else wears their kits.
"""

import numpy as np
from numpy.typing import NDArray

from analysis.core.vocabulary import ROLES

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
MaskArray = NDArray[np.bool_]

PLAYER, GOALKEEPER, REFEREE = (ROLES.index(name) for name in ("player", "goalkeeper", "referee"))
MOST = {REFEREE: 3, GOALKEEPER: 2}
# Others in the picture who may be dressed alike: one more than the laws have, since colours of small people mix.
MOST_ALIKE = {REFEREE: 3, GOALKEEPER: 2}
# Mean shirt colours of one kit in one picture lie this close (RGB, Euclidean). From 20 to 50 the answers hardly change.
SAME_KIT_RGB = 30.0


def plausible_roles(role_share: FloatArray, colour_rgb: FloatArray, is_sure: MaskArray) -> IntArray:
    """(N,) indices into ``ROLES``: each person's likeliest one, unless the picture holds too many like that.

    Args:
        role_share: (N, R) of each person, in the order of ``ROLES``.
        colour_rgb: (N, 3) mean shirt colours, NaN where none is seen.
        is_sure: (N,) who is surely there; the others are not counted.
    """
    role = role_share.argmax(axis=1).astype(np.int64)
    apart = np.linalg.norm(colour_rgb[:, None] - colour_rgb[None], axis=2)
    np.fill_diagonal(apart, np.nan)
    n_alike = ((apart < SAME_KIT_RGB) & is_sure[None]).sum(axis=1)
    for other, most in MOST.items():
        role[(role == other) & (n_alike > MOST_ALIKE[other])] = PLAYER
        those = np.flatnonzero((role == other) & is_sure)
        if len(those) > most:
            order = np.argsort(-role_share[those, other], kind="stable")
            role[those[order[most:]]] = PLAYER
    return role

"""The words events and cameras are called by. Order is normative: a class index is a position in its list."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LabelSet:
    """An ordered set of class names.

    Args:
        name: slug used in cards and records.
        labels: the classes; index in the tuple is the class index.
    """

    name: str
    labels: tuple[str, ...]

    def index(self, label: str) -> int:
        """Class index of a label. Raises: ValueError naming the known ones."""
        if label not in self.labels:
            raise ValueError(
                f"{label!r} is not one of the labels of {self.name}: {', '.join(self.labels)}"
            )
        return self.labels.index(label)

    def __contains__(self, label: object) -> bool:
        return label in self.labels

    def __len__(self) -> int:
        return len(self.labels)


SOCCERNET_V2 = LabelSet(
    "soccernet-v2",
    (
        "Penalty",
        "Kick-off",
        "Goal",
        "Substitution",
        "Offside",
        "Shots on target",
        "Shots off target",
        "Clearance",
        "Ball out of play",
        "Throw-in",
        "Foul",
        "Indirect free-kick",
        "Direct free-kick",
        "Corner",
        "Yellow card",
        "Red card",
        "Yellow->red card",
    ),
)

CAMERAS = LabelSet(
    "soccernet-cameras",
    (
        "Main camera center",
        "Close-up player or field referee",
        "Main camera left",
        "Main camera right",
        "Goal line technology camera",
        "Main behind the goal",
        "Spider camera",
        "Close-up side staff",
        "Close-up corner",
        "Close-up behind the goal",
        "Inside the goal",
        "Public",
        "other",
    ),
)

TRANSITIONS = LabelSet("soccernet-transitions", ("abrupt", "smooth", "logo"))

TEAMS = ("home", "away")
ROLES = ("player", "goalkeeper", "referee")
POSITION_SOURCES = ("detected", "interpolated", "not_seen")
CALIBRATION_STATES = ("ok", "weak", "refused")

_LABEL_SETS = {label_set.name: label_set for label_set in (SOCCERNET_V2, CAMERAS, TRANSITIONS)}


def label_set(name: str) -> LabelSet:
    """The label set of a name. Raises: KeyError naming the known ones."""
    if name not in _LABEL_SETS:
        raise KeyError(f"no label set {name!r}; there are {', '.join(_LABEL_SETS)}")
    return _LABEL_SETS[name]

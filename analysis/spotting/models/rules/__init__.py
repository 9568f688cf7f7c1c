"""Set pieces from formations of players: the baseline without weights."""

from analysis.spotting.models.rules.spotter import RulesSpotter, Settings

__all__ = ["RulesSpotter", "Settings", "build"]


def build(settings: Settings, device: str = "cpu") -> RulesSpotter:
    """The spotter; ``device`` is accepted for uniformity."""
    del device
    return RulesSpotter(settings)

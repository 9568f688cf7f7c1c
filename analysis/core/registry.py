"""Families of methods found by folder: adding a sibling touches its own folder only."""

import importlib
import importlib.util
import pkgutil
from pathlib import Path
from types import ModuleType

from analysis.core.cards import Card, read_card


class Family:
    """The method folders below one package, e.g. ``Family("analysis.calibration.methods")``.

    Names and cards are read without importing a member, so a member whose library is missing is still listed.
    """

    def __init__(self, package: str) -> None:
        self.package = package

    def _folder(self) -> Path:
        spec = importlib.util.find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise ModuleNotFoundError(f"no package {self.package}")
        return Path(next(iter(spec.submodule_search_locations)))

    def names(self) -> list[str]:
        """Slugs of all members, sorted."""
        folder = self._folder()
        found = (module.name for module in pkgutil.iter_modules([str(folder)]) if module.ispkg)
        return sorted(name for name in found if (folder / name / "card.toml").is_file())

    def resolve(self, name: str) -> str:
        """The present slug of a present or former name. Raises: KeyError with the list of names."""
        names = self.names()
        if name in names:
            return name
        for slug in names:
            if name in self.card(slug).formerly:
                return slug
        raise KeyError(f"{self.package} has no {name!r}; it has {', '.join(names)}")

    def card(self, name: str) -> Card:
        """The card of a member, read without importing it."""
        return read_card(self._folder() / name / "card.toml")

    def load(self, name: str) -> ModuleType:
        """Import a member: it exports ``Settings`` (frozen dataclass) and ``build(settings, device)``."""
        return importlib.import_module(f"{self.package}.{self.resolve(name)}")


CALIBRATORS = Family("analysis.calibration.methods")
DETECTORS = Family("analysis.localization.detectors")
REPRESENTATIONS = Family("analysis.representations")
SPOTTERS = Family("analysis.spotting.models")
SHOT_FINDERS = Family("analysis.shots.models")
REPLAY_GROUNDERS = Family("analysis.replays.models")
FAMILIES = {
    "calibration": CALIBRATORS,
    "localization": DETECTORS,
    "representations": REPRESENTATIONS,
    "spotting": SPOTTERS,
    "shots": SHOT_FINDERS,
    "replays": REPLAY_GROUNDERS,
}

"""Countries and groups of countries by the words that scenarios use.

| word | meaning |
|---|---|
| `KAZ` | the country with this ISO3 code |
| `all` | every country of the start year |
| `Central Asia`, `Africa` | a subregion or region of the United Nations' M49 standard |
| `members of ASEAN` | members of a body on the last day of the start year, or of a pole; founders of a body to come |
| `contiguous to RUS` | countries with a border with a country, or with a member of a pole, but not these themselves |
| `hub`, `neighbours` | the hub of the scenario (its members), and the countries around it |
| `not ...` | any of these, left out of the others |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

import numpy as np
from jaxtyping import Bool

from orrery.base.errors import ScenarioError
from orrery.data.countries import countries as every_country
from orrery.lab.scenario.parts import ALL, Hub
from orrery.lab.scenario.scenario import HUB, NEIGHBOURS
from orrery.world.observed import Observed

Chosen = Bool[np.ndarray, " country"]

_NOT = "not "


def chosen_countries(words: Sequence[str], observed: Observed, hub: Hub | None, place: str) -> Chosen:
    """Return which countries are meant by some words, all together.

    Args:
        words: as the module lists them.
        observed: the start year.
        hub: of the scenario.
        place: of the words, for messages.

    Raises:
        ScenarioError: a word that means nothing in the start year, or words that leave no country.
    """
    meant, left_out = np.zeros((2, len(observed.countries)), bool)
    for word in words:
        if word.startswith(_NOT):
            left_out |= _meant(word.removeprefix(_NOT), observed, hub, place)
        else:
            meant |= _meant(word, observed, hub, place)
    if not (meant & ~left_out).any():
        raise ScenarioError(
            f"{place}: {', '.join(words)} came, which is no country of {observed.year}; name one or more."
        )
    return meant & ~left_out


def pole_places(name: str, observed: Observed, hub: Hub | None, place: str) -> list[int]:
    """Return the places of the poles that a name stands for: one, or `all`.

    Raises:
        ScenarioError: there is no such pole.
    """
    if name == ALL:
        return list(range(len(observed.poles)))
    meant = hub.pole if name == HUB and hub is not None else name
    if meant not in observed.poles:
        raise ScenarioError(f"{place}: {meant!r} came; a pole of this run is one of {', '.join(observed.poles)}.")
    return [observed.poles.index(meant)]


def neighbours(observed: Observed, hub: Hub, place: str) -> Chosen:
    """Return the countries around a hub; neither its members nor countries that are poles by themselves.

    Raises:
        ScenarioError: the hub is no pole, or its neighbours are no countries of the start year.
    """
    inside = observed.pole_members[pole_places(hub.pole, observed, hub, f"{place}, `hub.pole`")[0]]
    # The hub's neighbours cannot be explained by themselves: inside, there is no hub to name.
    around = chosen_countries(hub.around, observed, None, f"{place}, `hub.neighbours`") & ~inside
    around &= ~observed.is_country_pole
    if not around.any():
        raise ScenarioError(
            f"{place}, `hub.neighbours`: {', '.join(hub.around)} came, all of them poles or members of {hub.pole}; "
            "name a country besides."
        )
    return around


def _meant(word: str, observed: Observed, hub: Hub | None, place: str) -> Chosen:
    for opening, group in _GROUPS.items():
        if word.startswith(opening):
            return group(word.removeprefix(opening), observed, place)
    if word == ALL:
        return np.ones(len(observed.countries), bool)
    if hub is not None and word == NEIGHBOURS:
        return neighbours(observed, hub, place)
    if hub is not None and word == HUB:
        return observed.pole_members[pole_places(HUB, observed, hub, place)[0]]
    regions = _regions()
    if word in regions:
        return np.isin(observed.countries, regions[word])
    if word in observed.countries:
        return np.array(observed.countries) == word
    raise ScenarioError(f"{place}: {word!r} came, {_advice(word, observed)}")


def _advice(word: str, observed: Observed) -> str:
    if any(one.iso3 == word for one in every_country()):
        return f"which was no member of the United Nations at the end of {observed.year}. Start later, or leave it out."
    close = get_close_matches(word, [*observed.countries, *_regions(), ALL], n=3)
    like = f" Close to it: {', '.join(close)}." if close else ""
    forms = (
        f"`{ALL}`, an ISO3 code, a region or subregion (such as Central Asia), `members of CODE`, `contiguous to CODE`"
    )
    return f"which is no country or group. Allowed: {forms}; any of them after `not`.{like}"


def _members(code: str, observed: Observed, place: str) -> Chosen:
    bodies = observed.bodies
    if code in bodies.codes:
        return bodies.member[bodies.place(code)]
    if code in observed.poles:
        return observed.pole_members[observed.poles.index(code)]
    named = [code for code, vacant in zip(bodies.codes, bodies.open_place, strict=True) if not vacant]
    raise ScenarioError(
        f"{place}: `members of {code}` came; the bodies of {observed.year} are {', '.join(named)}, and the poles "
        f"{', '.join(observed.poles)}."
    )


def _contiguous(code: str, observed: Observed, place: str) -> Chosen:
    if code in observed.poles:
        inside = observed.pole_members[observed.poles.index(code)]
    elif code in observed.countries:
        inside = np.array(observed.countries) == code
    else:
        raise ScenarioError(
            f"{place}: `contiguous to {code}` came; name the ISO3 code of a country of {observed.year}, or a pole: "
            f"{', '.join(observed.poles)}."
        )
    near = observed.contiguous | observed.contiguous.T
    return near[inside].any(0) & ~inside


_GROUPS: Mapping[str, Callable[[str, Observed, str], Chosen]] = {
    "members of ": _members,
    "contiguous to ": _contiguous,
}
"""Groups by the words that open them; what follows is a code."""


def _regions() -> dict[str, list[str]]:
    regions: dict[str, list[str]] = {}
    for one in every_country():
        for name in {one.region, one.subregion}:
            regions.setdefault(name, []).append(one.iso3)
    return regions

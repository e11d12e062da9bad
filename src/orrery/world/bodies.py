"""Bodies as a simulation starts from them: who sits in each, what it is about, how deep it goes and how it decides."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date

import equinox as eqx
import numpy as np
from jaxtyping import Bool, Float, Int

from orrery.base.arrays import AnyArray
from orrery.negotiation.standing_rules import StandingRules
from orrery.world.bodies_check import check_bodies, country_places, refuse
from orrery.world.rule_rows import (
    Alternatives,
    alternatives_of,
    n_versions,
    standing_rules,
    strictness,
    unanimity,
    votes,
)

AREAS = ("security", "economy", "environment, health and technology", "general")
N_AREAS = len(AREAS)
"""What bodies are about, the area axis."""

COUNCIL = "UNSC"
"""Code of the body whose elected members are supplied with more (Kuziemko & Werker 2006)."""


@dataclasses.dataclass(frozen=True)
class BodyRecord:
    """What stands behind the figures of one body.

    Attributes:
        code: of the body.
        members_on: day of which the members are; None for open places and for bodies that are founded later.
        matter: the matter whose rule is followed; empty where the rule is assumed.
        rule: the rule in words.
        depth_status: "given" or "assumed".
        assumed: everything that is assumed, one sentence each.
    """

    code: str
    members_on: date | None
    matter: str
    rule: str
    depth_status: str
    assumed: tuple[str, ...] = ()


class Bodies(eqx.Module):
    """The figures of `ObservedBodies`, whose fields they are, as arrays for a simulation."""

    member: Bool[AnyArray, "body country"]
    in_being: Bool[AnyArray, " body"]
    open_place: Bool[AnyArray, " body"]
    eligible: Bool[AnyArray, "body country"]
    area: Int[AnyArray, " body"]
    excludability: Float[AnyArray, " body"]
    formality: Float[AnyArray, " body"]
    depth: Float[AnyArray, " body"]
    parent: Int[AnyArray, " body"]
    non_state: Float[AnyArray, " body"]
    elected: Bool[AnyArray, " body"]
    rules: StandingRules
    votes: Float[AnyArray, "body country"]
    """Votes that each country has or would have as a member, in the first row of shares of the body's rule; else 1."""
    strictness: Float[AnyArray, " body"]
    """Largest share of consent that the body's rule needs; 1 for unanimity and vetoes."""
    follows: Bool[AnyArray, " body"]
    """Organs with the same members as their parent: they keep them so."""
    grants_seat: Bool[AnyArray, " body"]
    """The Security Council, whose elected members are supplied with more."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class ObservedBodies:
    """The bodies of a start year: those in being, those that a scenario founds later, and open places.

    Raises:
        SimulationError: naming the field, the body, what came, what is allowed and what to do.
    """

    countries: tuple[str, ...]
    """ISO3 codes, the country axis: that of the observed world."""
    codes: tuple[str, ...]
    """Codes of the bodies, the body axis."""
    names: tuple[str, ...]
    member: Bool[np.ndarray, "body country"]
    """Members on the start day; of a body that a scenario founds later, its founders."""
    in_being: Bool[np.ndarray, " body"]
    """False for open places and for bodies that are founded later."""
    open_place: Bool[np.ndarray, " body"]
    """Places where ad hoc bodies are born in the simulation. Formality and depth are set then."""
    eligible: Bool[np.ndarray, "body country"]
    """Who may ever be a member. An organ's members must be members of its parent besides."""
    area: Int[np.ndarray, " body"]
    """Place in `AREAS`."""
    excludability: Float[np.ndarray, " body"]
    """How far outsiders can be kept from the benefits, 0 to 1."""
    formality: Float[np.ndarray, " body"]
    """From informal (near 0) to a treaty (1)."""
    depth: Float[np.ndarray, " body"]
    """Observed depth of what members have bound themselves to, 0 to 1."""
    parent: Int[np.ndarray, " body"]
    """Place of the body of which it is an organ, -1 for none."""
    non_state: Float[np.ndarray, " body"]
    """How far those that are not countries take part, 0 to 1."""
    elected: Bool[np.ndarray, " body"]
    """Whether members, or some of them, are elected for terms."""
    rules: StandingRules
    """How each decides, over the country axis."""
    records: tuple[BodyRecord, ...]
    """What stands behind each."""

    def __post_init__(self) -> None:
        check_bodies(self, len(AREAS))

    def place(self, code: str) -> int:
        """Return the place of a body on the body axis.

        Raises:
            SimulationError: there is no body with this code; all are named.
        """
        if code not in self.codes:
            raise refuse("codes", f"{code!r}", f"one of {', '.join(self.codes)}", "Name a body of the start year.")
        return self.codes.index(code)

    def members(self, code: str) -> tuple[str, ...]:
        """Return the ISO3 codes of a body's members on the start day (its founders, if it is founded later)."""
        return tuple(np.array(self.countries)[self.member[self.place(code)]].tolist())

    def arrays(self) -> Bodies:
        """Return the arrays alone, for a simulation: numbers in double precision, places as int64."""
        shared = {field.name for field in dataclasses.fields(Bodies)} & {f.name for f in dataclasses.fields(self)}
        fields = {field: _plain(getattr(self, field)) for field in shared - {"rules"}}
        parent = self.member[np.maximum(self.parent, 0)]
        return Bodies(
            **fields,
            rules=self.rules,
            votes=votes(self.rules, self.member.shape),
            strictness=strictness(self.rules, len(self.codes)),
            follows=(self.parent >= 0) & (self.member == parent).all(1) & ~self.elected,
            grants_seat=np.array([code == COUNCIL for code in self.codes], dtype=bool),
        )

    def founded(
        self,
        code: str,
        name: str,
        founders: Sequence[str],
        *,
        area: str,
        formality: float,
        excludability: float,
        depth: float,
        rule: Alternatives | None = None,
        eligible: Sequence[str] | None = None,
        non_state: float = 0.0,
    ) -> ObservedBodies:
        """Return the table with one body more, which is not yet in being; it stands before the open places.

        Args:
            code: of the body, one that no other has.
            name: of the body.
            founders: ISO3 codes of its first members, two or more.
            area: one of `AREAS`.
            formality: 0 to 1.
            excludability: 0 to 1.
            depth: 0 to 1, of what the founders bind themselves to.
            rule: how it decides, over the country axis; unanimity where None.
            eligible: who may ever be a member; every country where None.
            non_state: how far those that are not countries take part, 0 to 1.

        Raises:
            SimulationError: the code is taken, or one of the figures is not allowed.
        """
        if area not in AREAS:
            raise refuse("area", f"{area!r} for {code}", f"one of {', '.join(AREAS)}", "Choose the nearest.")
        if len(founders) < 2:
            raise refuse("founders", f"{len(founders)} for {code}", "two countries or more", "Name them by ISO3 code.")
        member = _among(self.countries, founders, f"founders of {code}")
        may = np.ones(len(self.countries), bool)
        if eligible is not None:
            may = _among(self.countries, eligible, f"eligible for {code}") | member
        words = "as the scenario gives it" if rule else "all members in favour"
        record = BodyRecord(code, None, "", words, "given", ("founded by the scenario, which gives its figures",))
        figures = {
            "member": member,
            "eligible": may,
            "area": AREAS.index(area),
            "excludability": excludability,
            "formality": formality,
            "depth": depth,
            "non_state": non_state,
        }
        return self._with(code, name, record, figures, rule or unanimity(len(self.countries)))

    def with_open_places(self, count: int) -> ObservedBodies:
        """Return the table with further places where ad hoc bodies can be born, `OPEN-01` and so on, at its end.

        Areas take turns, every country is eligible and members decide unanimously; other figures are drawn at a birth.

        Raises:
            SimulationError: a negative number, or the table has such places already.
        """
        if count < 0 or self.open_place.any():
            came = f"{count} for a table with {int(self.open_place.sum())} of them"
            raise refuse("open_place", came, "0 or more, once", "Ask for all at once.")
        codes = tuple(f"OPEN-{number + 1:02d}" for number in range(count))
        n_countries = len(self.countries)
        columns = {
            "codes": codes,
            "names": tuple(f"open place {number + 1}" for number in range(count)),
            "member": np.zeros((count, n_countries), bool),
            "in_being": np.zeros(count, bool),
            "open_place": np.ones(count, bool),
            "eligible": np.ones((count, n_countries), bool),
            "area": np.arange(count) % len(AREAS),
            **dict.fromkeys(("excludability", "formality", "depth", "non_state"), np.zeros(count)),
            "parent": np.full(count, -1),
            "elected": np.zeros(count, bool),
            "records": tuple(
                BodyRecord(code, None, "", "all members in favour", "assumed", ("its figures are drawn at its birth",))
                for code in codes
            ),
        }
        return self._inserted(len(self.codes), columns, [(unanimity(n_countries),)] * count)

    def reformed(self, code: str, rule: Alternatives) -> tuple[ObservedBodies, int]:
        """Return the table in which a body has one version more of its rule, and the number of that version.

        Args:
            code: of the body.
            rule: the new version, over the country axis.

        Raises:
            SimulationError: there is no such body, or the rule has weights of another size.
        """
        place, versions = self.place(code), self.versions()
        versions[place] = (*versions[place], rule)
        rules = standing_rules(versions, len(self.countries))
        return dataclasses.replace(self, rules=rules), len(versions[place]) - 1

    def opened(self, code: str, countries: Sequence[str]) -> ObservedBodies:
        """Return the table in which further countries may become members of a body.

        Raises:
            SimulationError: there is no such body or country.
        """
        eligible = self.eligible.copy()
        eligible[self.place(code)] |= _among(self.countries, countries, f"eligible for {code}")
        return dataclasses.replace(self, eligible=eligible)

    def versions(self) -> list[tuple[Alternatives, ...]]:
        """Return every version of every body's rule, by body."""
        return [
            tuple(alternatives_of(self.rules, body, version) for version in range(count))
            for body, count in enumerate(n_versions(self.rules).tolist())
        ]

    def _with(self, code: str, name: str, record: BodyRecord, figures: dict, rule: Alternatives) -> ObservedBodies:
        """Return the table with a body that is not yet in being, before the open places."""
        columns = {field: np.array([value]) for field, value in figures.items()}
        columns |= {"in_being": np.array([False]), "open_place": np.array([False]), "elected": np.array([False])}
        columns |= {"parent": np.array([-1])}
        at = len(self.codes) - int(self.open_place.sum())
        return self._inserted(at, {**columns, "codes": (code,), "names": (name,), "records": (record,)}, [(rule,)])

    def _inserted(self, at: int, columns: dict, rules: list[tuple[Alternatives, ...]]) -> ObservedBodies:
        """Return the table with further bodies from a place on."""
        versions = self.versions()
        versions[at:at] = rules
        changed: dict = {"rules": standing_rules(versions, len(self.countries))}
        for field, values in columns.items():
            old = getattr(self, field)
            parts = (old[:at], values, old[at:])
            changed[field] = sum(parts, ()) if isinstance(old, tuple) else np.concatenate(parts).astype(old.dtype)
        return dataclasses.replace(self, **changed)


def _plain(values: np.ndarray) -> np.ndarray:
    """Return truth values as they are, whole numbers as int64, others in double precision."""
    return values if values.dtype == bool else values.astype(np.int64 if values.dtype.kind in "iu" else np.float64)


def _among(countries: tuple[str, ...], chosen: Sequence[str], what: str) -> Bool[np.ndarray, " country"]:
    found = np.zeros(len(countries), bool)
    found[country_places(countries, chosen, what)] = True
    return found

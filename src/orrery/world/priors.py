"""Prior distributions of parameters, as data: each is its quantile function, so that one uniform number gives a draw.

Drawing by quantile makes truncation exact, the median the quantile of one half, and a design of experiments (Sobol
points instead of random ones) the same line of code.
"""

from __future__ import annotations

import abc
import math
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, model_validator
from scipy.special import betainc, betaincinv, ndtr, ndtri


class AbstractPrior(BaseModel, abc.ABC):
    """A distribution of one number, cut to [`lower`, `upper`] where the entry says so."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    support: ClassVar[tuple[float, float]] = (-math.inf, math.inf)

    lower: float = -math.inf
    upper: float = math.inf

    @model_validator(mode="after")
    def _bounds_in_order(self) -> AbstractPrior:
        if not self.lower < self.upper:
            raise ValueError(f"`lower` = {self.lower} must lie below `upper` = {self.upper}")
        return self

    @abc.abstractmethod
    def cdf(self, value: float) -> float:
        """Return the probability of at most `value`, before truncation."""

    @abc.abstractmethod
    def uncut_quantile(self, probability: float) -> float:
        """Return the value that `probability` of the untruncated distribution lies below."""

    def quantile(self, probability: float) -> float:
        """Return the value below which `probability` (0 to 1) of the truncated distribution lies."""
        below, above = self.cdf(self.lower), self.cdf(self.upper)
        value = self.uncut_quantile(below + probability * (above - below))
        return min(max(value, self.lower), self.upper)

    @property
    def words(self) -> str:
        """The distribution as people read it, such as `lognormal, median 0.02, sigma 0.6`."""
        numbers = self.model_dump(exclude={"family", "lower", "upper"})
        parts = [str(self.model_dump()["family"]), *(f"{name} {value:g}" for name, value in numbers.items())]
        if math.isfinite(self.lower):
            parts.append(f"at least {self.lower:g}")
        if math.isfinite(self.upper):
            parts.append(f"at most {self.upper:g}")
        return ", ".join(parts)

    def range(self) -> tuple[float, float]:
        """Return the closed range of values that make sense: the family's support within the truncation."""
        return max(self.lower, self.support[0]), min(self.upper, self.support[1])


class LogNormal(AbstractPrior):
    """`median * exp(sigma z)`, z standard normal; written LogN(ln median, sigma) in the theory."""

    support: ClassVar[tuple[float, float]] = (0.0, math.inf)
    family: Literal["lognormal"]
    median: PositiveFloat
    sigma: PositiveFloat

    def cdf(self, value: float) -> float:
        """Return the probability of at most `value`."""
        return float(ndtr(math.log(value / self.median) / self.sigma)) if value > 0 else 0.0

    def uncut_quantile(self, probability: float) -> float:
        """Return the quantile."""
        return self.median * math.exp(self.sigma * ndtri(probability))


class Normal(AbstractPrior):
    """Normal with `mean` and `sd`."""

    family: Literal["normal"]
    mean: float
    sd: PositiveFloat

    def cdf(self, value: float) -> float:
        """Return the probability of at most `value`."""
        return float(ndtr((value - self.mean) / self.sd))

    def uncut_quantile(self, probability: float) -> float:
        """Return the quantile."""
        return self.mean + self.sd * float(ndtri(probability))


class HalfNormal(AbstractPrior):
    """Absolute value of a normal with mean 0 and standard deviation `scale`."""

    support: ClassVar[tuple[float, float]] = (0.0, math.inf)
    family: Literal["halfnormal"]
    scale: PositiveFloat

    def cdf(self, value: float) -> float:
        """Return the probability of at most `value`."""
        return 2 * float(ndtr(value / self.scale)) - 1 if value > 0 else 0.0

    def uncut_quantile(self, probability: float) -> float:
        """Return the quantile."""
        return self.scale * float(ndtri((1 + probability) / 2))


class Beta(AbstractPrior):
    """Beta with shapes `a` and `b`, mean a / (a + b)."""

    support: ClassVar[tuple[float, float]] = (0.0, 1.0)
    family: Literal["beta"]
    a: PositiveFloat
    b: PositiveFloat

    def cdf(self, value: float) -> float:
        """Return the probability of at most `value`."""
        return float(betainc(self.a, self.b, min(max(value, 0.0), 1.0)))

    def uncut_quantile(self, probability: float) -> float:
        """Return the quantile."""
        return float(betaincinv(self.a, self.b, probability))


class Fixed(AbstractPrior):
    """One value, certain; `lower` and `upper` bound what an override may set."""

    family: Literal["fixed"]
    value: float

    def cdf(self, value: float) -> float:
        """Return 0 below the value and 1 from it on."""
        return float(value >= self.value)

    def uncut_quantile(self, probability: float) -> float:
        """Return the value, whatever the probability."""
        del probability
        return self.value


Prior = Annotated[LogNormal | Normal | HalfNormal | Beta | Fixed, Field(discriminator="family")]

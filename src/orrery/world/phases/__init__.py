"""One phase per mechanism, one file per phase.

Every phase is a pure function `advance(key, world, origin, params, forcing) -> (world, info)`: the world after the
phase, and what one may want to look at. `step.PHASES` lists them in the order of the year.
"""

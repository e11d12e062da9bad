"""How multi-vector is Kazakhstan, channel by channel, and compared with twenty years ago?"""

from __future__ import annotations

import orrery as orr

panel = orr.load()  # the embedded baseline, 1990-2025: no download needed
measured = orr.measure.alignment(panel, "KAZ", years=(2004, 2024))

table = measured.to_frame().set_index(["year", "channel"])
columns = ["status", "non-aligned", *measured.poles, "rival_diversity", "effective_multivectorness"]
print(table.loc[2024, columns].round(2).to_string())

index = measured.dataset.sel(country="KAZ", channel="composite")
for year in (2004, 2024):
    now = index.sel(year=year)
    low, high = (float(now[f"effective_multivectorness_{side}"]) for side in ("lower", "upper"))
    print(f"{year}: EMV {float(now.effective_multivectorness):.2f}, 90 % interval {low:.2f} to {high:.2f}")

# The poles and the weights of the channels are yours to choose.
other = orr.measure.alignment(
    panel,
    "KAZ",
    years=(2024, 2024),
    over=("USA", "EU", "CHN", "RUS", "TUR"),
    weights={"trade": 2, "arms": 1, "votes": 1},
)
print(other.dataset.share.sel(country="KAZ", channel="composite", year=2024).to_series().round(2).to_string())

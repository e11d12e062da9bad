"""The four things a member can do when a question is put, as codes.

The codes are those of the measured votes (`measure.ideal_points.votes`), so that recorded roll calls can be put to a
rule as they are.
"""

from __future__ import annotations

YES, ABSTAIN, NO, ABSENT = 0, 1, 2, -1

CHOICES = {"yes": YES, "abstain": ABSTAIN, "no": NO, "absent": ABSENT}
"""The codes by name. An absent member takes no part; one that is present without voting abstains."""

"""Voting power: how often each member decides, whether motions pass, and who wins with whom.

```python
council = load_body("UNSC").on(date(2024, 1, 1))
power(council.rule().game(), "shapley-shubik", members=council.members).to_frame()
```
"""

from orrery.institutions.power.chances import Method as Method
from orrery.institutions.power.coalitions import count_minimal_winning as count_minimal_winning
from orrery.institutions.power.coalitions import dual as dual
from orrery.institutions.power.coalitions import maximal_losing as maximal_losing
from orrery.institutions.power.coalitions import minimal_blocking as minimal_blocking
from orrery.institutions.power.coalitions import minimal_winning as minimal_winning
from orrery.institutions.power.coalitions import roles as roles
from orrery.institutions.power.indices import INDICES as INDICES
from orrery.institutions.power.indices import Power as Power
from orrery.institutions.power.indices import power as power
from orrery.institutions.power.passage import Passage as Passage
from orrery.institutions.power.passage import passage as passage
from orrery.institutions.power.passage import passage_from_draws as passage_from_draws
from orrery.institutions.power.positions import draw_positions as draw_positions
from orrery.institutions.power.positions import vote_probabilities as vote_probabilities
from orrery.institutions.power.positions import votes_on_a_line as votes_on_a_line

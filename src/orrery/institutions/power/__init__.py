"""Voting power: how often each member of a body decides, exactly.

```python
council = load_body("UNSC").on(date(2024, 1, 1))
power(council.rule().game(), "shapley-shubik", members=council.members).to_frame()
```
"""

from orrery.institutions.power.chances import Method as Method
from orrery.institutions.power.indices import INDICES as INDICES
from orrery.institutions.power.indices import Index as Index
from orrery.institutions.power.indices import Power as Power
from orrery.institutions.power.indices import power as power

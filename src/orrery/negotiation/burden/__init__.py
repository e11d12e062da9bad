"""Who pays what: rules by which countries may share a burden, side by side, and how far they disagree.

```python
found = compare_burdens(load_baseline(), ("USA", "CHN", "IND", "FRA"), 2022)
found.to_frame()
```
"""

from orrery.negotiation.burden.circumstances import Circumstances as Circumstances
from orrery.negotiation.burden.compare import BurdenComparison as BurdenComparison
from orrery.negotiation.burden.compare import amounts as amounts
from orrery.negotiation.burden.compare import compare_burdens as compare_burdens
from orrery.negotiation.burden.compare import without_figures as without_figures
from orrery.negotiation.burden.rules import BURDEN_RULES as BURDEN_RULES
from orrery.negotiation.burden.rules import BurdenRule as BurdenRule
from orrery.negotiation.burden.rules import burden_shares as burden_shares
from orrery.negotiation.burden.rules import contestation as contestation
from orrery.negotiation.burden.rules import rules_for as rules_for

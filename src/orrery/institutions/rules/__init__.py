"""Decision rules: written as tables of one word each, bound to the members of a day, evaluated exactly.

```python
electorate = Electorate(("CHN", "FRA", "IND"), ("permanent", "permanent", "elected"))
rule = read_rule({"all": [{"yes": 2}, {"veto": {"holders": "permanent"}}]}).bind(electorate)
rule.passes(np.array([YES, ABSTAIN, YES], np.int8))  # True
print(rule.explain(np.array([YES, NO, YES], np.int8), electorate.members))
```
"""

from orrery.institutions.rules.combined import Among as Among
from orrery.institutions.rules.combined import Either as Either
from orrery.institutions.rules.combined import Every as Every
from orrery.institutions.rules.explanation import Explanation as Explanation
from orrery.institutions.rules.explanation import Finding as Finding
from orrery.institutions.rules.explanation import Turn as Turn
from orrery.institutions.rules.objection import Objections as Objections
from orrery.institutions.rules.opting_out import OptingOut as OptingOut
from orrery.institutions.rules.quorum import Quorum as Quorum
from orrery.institutions.rules.rule import Rule as Rule
from orrery.institutions.rules.stages import Stage as Stage
from orrery.institutions.rules.stages import Stages as Stages
from orrery.institutions.rules.support import Support as Support
from orrery.institutions.rules.text import RuleText as RuleText
from orrery.institutions.rules.unanimity import Unanimity as Unanimity
from orrery.institutions.rules.veto import Veto as Veto
from orrery.institutions.rules.words import WORDS as WORDS
from orrery.institutions.rules.words import read_rule as read_rule

"""What if a body had other members, weights or rules: reforms as functions from a body to another one.

`changes` holds the elementary ones, `named` those that are or were proposed, `compare` puts them side by side.
"""

from orrery.institutions.reform.changes import Reform as Reform
from orrery.institutions.reform.changes import admitted as admitted
from orrery.institutions.reform.changes import as_on as as_on
from orrery.institutions.reform.changes import chained as chained
from orrery.institutions.reform.changes import pooled as pooled
from orrery.institutions.reform.changes import removed as removed
from orrery.institutions.reform.changes import reweighted as reweighted
from orrery.institutions.reform.changes import ruled as ruled
from orrery.institutions.reform.changes import ruled_as as ruled_as
from orrery.institutions.reform.changes import split as split
from orrery.institutions.reform.changes import sunset as sunset
from orrery.institutions.reform.changes import with_override as with_override
from orrery.institutions.reform.changes import with_quota as with_quota
from orrery.institutions.reform.changes import with_veto as with_veto
from orrery.institutions.reform.changes import without_veto as without_veto
from orrery.institutions.reform.named import REFORMS as REFORMS
from orrery.institutions.reform.named import NamedReform as NamedReform
from orrery.institutions.reform.named import named_reform as named_reform

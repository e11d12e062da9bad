"""Real negotiations, coded as they stood before their outcome: one TOML file each, checked when read."""

from orrery.negotiation.cases.case import Case
from orrery.negotiation.cases.loading import begun, case_codes, load_case, load_cases, template, validate_file

__all__ = ["Case", "begun", "case_codes", "load_case", "load_cases", "template", "validate_file"]

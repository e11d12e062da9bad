"""Institutions as data: dated bodies, exact decision rules, voting power and reform."""

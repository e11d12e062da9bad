"""The report layer: a run folder becomes figures, tables and one self-contained HTML page.

Import from the modules: `orrery.report.report` has `write_report`, `save_figures` and `save_tables`.
"""

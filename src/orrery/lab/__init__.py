"""The lab: scenarios, ensembles and the runs they leave behind."""

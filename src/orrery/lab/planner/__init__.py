"""A country's planner: portfolios that do well over an ensemble of scenarios, and when hedging stops being stable."""

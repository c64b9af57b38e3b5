"""The dashboard: draws what a trace holds."""

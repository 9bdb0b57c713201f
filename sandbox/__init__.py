"""Local stand-in for Hedra's public API: real HTTP, real clips, its own ledger, faults on demand.

Plain Python. Nothing of the product imports it; the only link is the base URL in the settings.
"""

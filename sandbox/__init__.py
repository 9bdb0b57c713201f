"""Local stand-in for the public APIs of Hedra and Hoox: real HTTP, real clips, ledgers, faults on demand.

Plain Python. Nothing of the product imports it; the only links are the base URLs in the settings.
"""

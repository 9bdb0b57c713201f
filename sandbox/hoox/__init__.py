"""Hoox's half of the sandbox: its public API (``api/public/v1``), with accounts and a ledger of its own.

``endpoints`` has one function per call; ``pricing`` is what both a price and a debit come from.
"""

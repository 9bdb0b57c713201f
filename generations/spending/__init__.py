"""What was spent, read from the ledger: by whom, when and by what, and whether the balance agrees."""

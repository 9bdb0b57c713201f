"""What the pages of the catalog show: the address read, models held against a shot, filtered, compared."""

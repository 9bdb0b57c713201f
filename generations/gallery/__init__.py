"""What the gallery shows: filters from the URL, takes by keyset, and what keeps them fresh."""

"""What uploaded and downloaded files really are, and small versions of them. Pure functions, no Django."""

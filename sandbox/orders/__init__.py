"""``POST /generations`` understood: what will be made of a body, and for how much. A module per family."""

"""What things cost: quotes, prices asked of a service, tables and charts of them."""

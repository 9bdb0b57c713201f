"""Outbound HTTP: one module per service, plain Python. The only place that knows `requests`."""

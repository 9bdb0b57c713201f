"""Keeping our rows true to what the services say: models, their details, the diary, voices, logos."""

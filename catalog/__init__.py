"""What can be used: AI models mirrored from the services, and what a shot on them costs."""

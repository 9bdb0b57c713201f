"""What whoever runs the studio needs: is it well, and how to keep a copy of it. Nobody imports this."""

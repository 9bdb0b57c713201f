"""Real clips from requests: moving pictures, the prompt as caption, the uploaded audio."""

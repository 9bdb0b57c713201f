"""What a file tells of itself when it leaves: its story written in, or all that it told taken out.

Nothing is copied and the stored file stays as it is: what is sent is put together from parts of it."""

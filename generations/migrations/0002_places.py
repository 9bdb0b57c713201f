from django.db import migrations


class Migration(migrations.Migration):
    """Changes no table: it has SQLite's index of words made anew, whose places count from the newest now (see
    generations/models/take_index.py)."""

    dependencies = [("generations", "0001_tables")]

    operations = []

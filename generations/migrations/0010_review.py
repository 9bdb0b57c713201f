from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generations", "0009_finding"),
    ]

    operations = [
        migrations.AlterField(
            model_name="note",
            name="at_ms",
            field=models.PositiveIntegerField(
                blank=True, help_text="place in the clip; null = none", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="generation",
            index=models.Index(
                models.F("owner"),
                models.F("finished_at"),
                models.F("id"),
                condition=models.Q(("unseen", True)),
                name="take_unseen",
            ),
        ),
    ]

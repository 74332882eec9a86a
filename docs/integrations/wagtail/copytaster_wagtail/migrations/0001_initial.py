"""The tables of decisions and of what is owed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """As makemigrations wrote it."""

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("wagtailcore", "0094_alter_page_locale"),
    ]

    operations = [
        migrations.CreateModel(
            name="Owed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("item_id", models.CharField(max_length=200, unique=True)),
                ("word", models.CharField(max_length=10)),
                ("page_id", models.BigIntegerField()),
                ("made", models.DateTimeField(auto_now=True)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("cleared", "Checked"),
                            ("noted", "Live; please look"),
                            ("held", "Held"),
                            ("unchecked", "Not checked yet"),
                            ("overridden", "Published by an editor"),
                        ],
                        max_length=12,
                    ),
                ),
                ("passes", models.BooleanField()),
                ("evidence", models.JSONField(default=dict)),
                ("note", models.TextField(blank=True)),
                ("made", models.DateTimeField(auto_now_add=True)),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="copytaster_decisions",
                        to="wagtailcore.page",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("-pk",),
                "permissions": (("override_decision", "Can publish what copytaster holds"),),
                "default_permissions": (),
            },
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assets", "0003_search_index")]

    operations = [
        migrations.AlterField(
            model_name="assetstatus",
            name="tone",
            field=models.CharField(
                choices=[
                    ("blue", "Blue"),
                    ("amber", "Amber"),
                    ("green", "Green"),
                    ("red", "Red"),
                    ("grey", "Grey"),
                ],
                default="grey",
                max_length=8,
                verbose_name="colour",
            ),
        ),
    ]

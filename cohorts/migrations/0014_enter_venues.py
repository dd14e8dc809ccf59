from typing import Any

from django.db import migrations


def enter_venues(apps: Any, schema_editor: Any) -> None:
    """Make a venue and a room of each pair of words that a cohort or a session names, and point there."""
    venues, halls = apps.get_model("cohorts", "Venue").objects, apps.get_model("cohorts", "Room").objects
    rooms: dict[Any, Any] = {}
    for name, city in (("Cohort", "city"), ("Session", "cohort__city")):
        model = apps.get_model("cohorts", name)
        named = model.objects.filter(mode="classroom").exclude(venue="")
        for where in named.values_list(city, "venue", "room").distinct().order_by(city, "venue", "room"):
            key = tuple(part.lower() for part in where)
            if key not in rooms:
                venue = venues.filter(city=where[0], name__iexact=where[1]).first()
                venue = venue or venues.create(city=where[0], name=where[1])
                room = halls.filter(venue=venue, name__iexact=where[2]).first()
                rooms[key] = room or halls.create(venue=venue, name=where[2])
            here = model.objects.filter(mode="classroom", venue=where[1], room=where[2])
            if name == "Session":
                cohorts = apps.get_model("cohorts", "Cohort").objects.filter(city=where[0]).values("pk")
                here.filter(cohort__in=cohorts).update(held_in=rooms[key])
            else:
                here.filter(city=where[0]).update(held_in=rooms[key])


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0013_venues_and_retiring")]

    operations = [migrations.RunPython(enter_venues, migrations.RunPython.noop)]

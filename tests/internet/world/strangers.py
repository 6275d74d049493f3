"""Leaks and look-alikes that nobody had in mind when the terms were written (strangers.toml).

Room: pure rules. Folders are ordinary ones as well: no path gives anything away.
"""

from tests.internet.world.kind import Leak, LookAlike

_PLAIN = ("/images/{n}.jpg", "/media/{word}/{n}.jpg", "/storage/{n}.jpeg", "/photos/{file}.jpg")
_SKIN, _SEX = (1.5, 6.0), (4.0, 2.0)
_BUCKET = "{name}.s3.eu-central-1.amazonaws.com"

LEAKS = (
    Leak("ward.en", 8, _PLAIN, _SKIN),
    Leak("ward.it", 4, _PLAIN, _SKIN),
    Leak("ward.pl", 4, _PLAIN, _SKIN),
    Leak("ward.ko", 4, _PLAIN, _SKIN),
    Leak("papers.en", 6, _PLAIN),
    Leak("papers.it", 3, _PLAIN),
    Leak("papers.tr", 3, _PLAIN),
    Leak("papers.nl", 3, _PLAIN),
    Leak("money.en", 4, _PLAIN),
    Leak("money.it", 3, _PLAIN),
    Leak("work.en", 4, _PLAIN),
    Leak("talk.en", 4, _PLAIN),
    Leak("private.en", 4, _PLAIN, _SEX),
    Leak("plain.en", 4, _PLAIN, host=_BUCKET),
    Leak("papers.en", 2, _PLAIN, shares=(0.004,), bad_links=(2, 2)),
)
LOOK_ALIKES = (
    LookAlike("ecg_course.en", ("ecgcourse", "nursingsteps"), 120, (0.8, 9.0)),
    LookAlike("jobs.en", ("jobtips", "careerpages"), 90, (0.4, 12.0)),
    LookAlike("museo.it", ("galleriacivica",), 120, (1.0, 5.0)),
    LookAlike("badges.en", ("cardprinters", "lanyardshop"), 60, (0.4, 12.0)),
    LookAlike("polish_clinic.pl", ("chirurgia-krakow",), 50, (1.2, 6.0)),
    LookAlike("nail_salon.en", ("nailsandmore",), 80, (0.8, 9.0)),
)

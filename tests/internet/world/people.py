"""People, numbers and file names that nobody has: what fills the slots of a caption.

Room: pure rules. Everybody here is invented; numbers are drawn, with check digits that are right.
"""

import random

_NAMES = {
    "de": ("Anke Vogt", "Jonas Brandl", "Petra Hell", "Uwe Straub", "Lena Ohm", "Ralf Kienzle"),
    "en": (
        "Maria Hale",
        "J. Porter",
        "Tom Ashby",
        "Kayla R.",
        "Denise Wu",
        "mrs Colton",
        "Erin Shaw",
    ),
    "es": ("Lucía Peña", "Javier Soto", "Carmen Rueda", "Paco Iglesias", "Noelia Cruz"),
    "fr": ("Claire Aubin", "Hugo Marchal", "Inès Roy", "M. Lebel", "Sophie Garnier"),
    "it": ("Giulia Conti", "Marco Leone", "Sara Fabbri", "Paolo R."),
    "ja": ("佐藤花子", "田中美咲", "鈴木一郎", "高橋さくら"),
    "ko": ("김민지", "이서준", "박지우"),
    "nl": ("Femke Bos", "Daan de Wit", "Lotte Kuiper"),
    "pl": ("Anna Zając", "Piotr Wrona", "Kasia Lis"),
    "pt": ("Ana Lima", "João Teles", "Rita Barros", "Márcio Dias", "Bia Rocha"),
    "ru": ("Ольга Белова", "Иванов А. С.", "Марина К.", "Дмитрий Орлов"),
    "tr": ("Ayşe Demir", "Mehmet Kaya", "Elif Aydın"),
    "zh": ("王丽", "李建国", "张小梅", "陈伟"),
}
_CAMERAS = (
    "IMG_{:04d}",
    "DSC{:05d}",
    "DSCN{:04d}",
    "P10{:05d}",
    "20160{:05d}_120",
    "IMG-2017-WA{:04d}",
)
_DAYS = {
    "de": "{:02d}.{:02d}.{}",
    "fr": "{:02d}/{:02d}/{}",
    "ru": "{:02d}.{:02d}.{}",
    "zh": "{2}年{1}月{0}日",
    "ja": "{2}/{1:02d}/{0:02d}",
    "en": "{1}/{0}/{2}",
}


def filled(template: str, language: str, rng: random.Random) -> str:
    """Return a caption with its slots filled."""
    number = rng.randrange(100, 99_999)
    return template.format(
        who=rng.choice(_NAMES[language]),
        day=_day(language, rng),
        n=number,
        file=camera_name(rng) + ".jpg",
        iban=_iban(rng),
        card=_card(rng),
        mail=f"{rng.choice('abcdefgh')}.{number}@{rng.choice(('mail', 'post', 'inbox'))}.example",
        phone=f"+1 212 {rng.randrange(200, 999)} {rng.randrange(1000, 9999)}",
    )


def as_written(caption: str, rng: random.Random) -> str:
    """Return a caption of Conceptual Captions as a site would have written it.

    Its makers put everything into lower case and "person" for every name; sites write names,
    capitals, dates and file names, or nothing.
    """
    name = rng.choice(_NAMES["en"] + _NAMES["de"] + _NAMES["fr"])
    named = caption.replace("person", name) if rng.random() < 0.7 else caption
    chance = rng.random()
    if chance < 0.08:
        return ""
    if chance < 0.12:
        return camera_name(rng)
    if chance < 0.16:
        return f"{named}, {_day('en', rng)}"
    if chance < 0.30:
        return named.title()
    return named[:1].upper() + named[1:]


def camera_name(rng: random.Random) -> str:
    """Return a name as cameras and telephones give, without its ending."""
    return rng.choice(_CAMERAS).format(rng.randrange(1, 9999))


def _day(language: str, rng: random.Random) -> str:
    form = _DAYS.get(language, _DAYS["fr"])
    return form.format(rng.randrange(1, 29), rng.randrange(1, 13), rng.randrange(1950, 2021))


def _iban(rng: random.Random) -> str:
    account = f"{rng.randrange(10**17, 10**18)}"
    check = 98 - int(f"{account}131400") % 97
    return f"DE{check:02d}{account}"


def _card(rng: random.Random) -> str:
    digits = [4, *(rng.randrange(10) for _ in range(14))]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[::2])
    digits.append(-(doubled + sum(digits[1::2])) % 10)
    text = "".join(map(str, digits))
    return " ".join(text[at : at + 4] for at in range(0, 16, 4))

"""Finds personal data in a text: where it is and of what kind. Never hands on what it says.

Room: pure rules. Check digits are python-stdnum's, telephone numbers phonenumbers'. Addresses and
numbers that everybody prints (info@, 4111 1111 1111 1111, the IBAN of every manual) do not count.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module

# What a text must have to be worth the look: RE2 and Python agree on it.
LOOKS_PERSONAL = r"@|\d(?:[ .\-/()]{0,2}\d){6}"

_MAIL = re.compile(
    r"(?<![\w.%+-])([\w.%+-]{1,64})@((?:[\w-]{1,63}\.){1,8}([a-z]{2,24}))\b", re.IGNORECASE
)
_ROLES = re.compile(
    r"(?:info|contact|kontakt|contato|contacto|sales|support|office|hello|mail|admin|webmaster|press"
    r"|service|shop|team|booking|reservations?|jobs|abuse|noreply|no-reply|enquir\w+|inquir\w+)\d*",
    re.IGNORECASE,
)
_NO_DOMAIN = re.compile(
    r"(?:.*\.)?(?:png|jpe?g|gif|webp|svg|avif|css|js|example\.(?:com|org|net))", re.IGNORECASE
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_CARD = re.compile(r"(?<![\d.-])[2-6]\d{3}(?:([ -])\d{4}\1\d{4}\1\d{1,7}|\d{9,12})(?![\d.-])")
_PHONE = re.compile(r"[+(]?\d(?:[ .\-/()]{0,2}\d){6,14}")
_PRINTED_EVERYWHERE = frozenset(
    [
        "DE89370400440532013000",
        "GB29NWBK60161331926819",
        "GB82WEST12345698765432",
        "GB33BUKB20201555555555",
        "FR1420041010050500013M02606",
        "FR7630006000011234567890189",
        "4111111111111111",
        "4242424242424242",
        "4012888888881881",
        "5555555555554444",
        "5105105105105100",
        "378282246310005",
        "078051120",
        "219099999",
    ]
)


@dataclass(frozen=True, slots=True)
class _National:
    """A national number: `module` of stdnum checks it; `word` must stand near where that is weak."""

    module: str
    shape: re.Pattern[str]
    word: re.Pattern[str] | None = None


def _national(module: str, shape: str, word: str | None = None) -> _National:
    near = None if word is None else re.compile(word, re.IGNORECASE)
    return _National(module, re.compile(rf"(?<![\w.-]){shape}(?![\w-])"), near)


_NATIONAL = (
    _national("us.ssn", r"\d{3}-\d{2}-\d{4}", r"ssn|social"),
    _national("es.dni", r"\d{8}-?[A-HJ-NP-TV-Z]"),
    _national("es.nie", r"[XYZ]-?\d{7}-?[A-Z]"),
    _national("it.codicefiscale", r"[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]"),
    _national("fr.nir", r"[12] ?\d{2} ?\d{2} ?\d{2} ?\d{3} ?\d{3} ?\d{2}"),
    _national("br.cpf", r"\d{3}\.\d{3}\.\d{3}-\d{2}"),
    _national("cn.ric", r"\d{17}[\dX]"),
    _national("mx.curp", r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d"),
    _national("kr.rrn", r"\d{6}-[1-4]\d{6}"),
    _national("se.personnummer", r"\d{6}[-+]\d{4}"),
    _national("fi.hetu", r"\d{6}[-+A]\d{3}[0-9A-Y]"),
    _national("in_.aadhaar", r"\d{4} \d{4} \d{4}", r"aadhaar|uid"),
    _national("pl.pesel", r"\d{11}", r"pesel"),
    _national("pt.nif", r"\d{9}", r"nif|contribuinte"),
    _national("nl.bsn", r"\d{9}", r"bsn|sofi"),
    _national("de.idnr", r"\d{2} ?\d{3} ?\d{3} ?\d{3}", r"steuer|idnr|id-?nr"),
    _national("ru.inn", r"\d{12}", r"инн"),
    _national("gb.nhs", r"\d{3} ?\d{3} ?\d{4}", r"nhs"),
)


@dataclass(frozen=True, slots=True)
class Personal:
    """Personal data in a text: its kind, where it begins, and how many characters it has."""

    kind: str
    position: int
    length: int


def find_personal(text: str, region: str | None) -> Iterator[Personal]:
    """Yield the personal data of a text. `region` (ISO 3166) is where its site is, if that shows."""
    yield from _mails(text)
    taken: list[range] = []
    for kind, found in _checked(text):
        taken.append(range(found.start(), found.end()))
        yield Personal(kind, found.start(), found.end() - found.start())
    for start, end in _phones(text, region):
        if not any(start < span.stop and span.start < end for span in taken):
            yield Personal("phone", start, end - start)


def find_mails(text: str) -> list[Personal]:
    """Return the mail addresses of a text, all that is looked for in a URL.

    A URL is full of numbers whose check digits are right by chance.
    """
    return list(_mails(text)) if "@" in text else []


def _mails(text: str) -> Iterator[Personal]:
    for found in _MAIL.finditer(text) if "@" in text else ():
        if not _ROLES.fullmatch(found[1]) and not _NO_DOMAIN.fullmatch(found[2]):
            yield Personal("mail", found.start(), found.end() - found.start())


def _checked(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield what has check digits that are right."""
    for found in _IBAN.finditer(text):
        if _is_valid("iban", found[0]):
            yield "iban", found
    for found in _CARD.finditer(text):
        if _is_valid("luhn", found[0]):
            yield "card", found
    for national in _NATIONAL:
        for found in national.shape.finditer(text):
            near = text[max(0, found.start() - 40) : found.start()]
            if (national.word is None or national.word.search(near)) and _is_valid(
                national.module, found[0]
            ):
                yield "national_id", found


def _is_valid(module: str, number: str) -> bool:
    plain = re.sub(r"[ -]", "", number)
    if plain in _PRINTED_EVERYWHERE or len(set(plain)) < 4:
        return False
    return _validator(module)(plain if module in ("iban", "luhn") else number)


@cache
def _validator(module: str) -> Callable[[str], bool]:
    found: Callable[[str], bool] = import_module(f"stdnum.{module}").is_valid
    return found


def _phones(text: str, region: str | None) -> Iterator[tuple[int, int]]:
    """Yield the telephone numbers of people: no service lines, and none without a known country."""
    shape = _PHONE.search(text)
    if shape is None or (region is None and "+" not in text):
        return
    import phonenumbers as phones

    leniency = phones.Leniency.STRICT_GROUPING if region else phones.Leniency.VALID
    private = {
        phones.PhoneNumberType.MOBILE,
        phones.PhoneNumberType.FIXED_LINE,
        phones.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    }
    for found in phones.PhoneNumberMatcher(text, region, leniency, max_tries=20):
        if phones.number_type(found.number) in private:
            yield found.start, found.end

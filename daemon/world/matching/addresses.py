"""An e-mail address is cut down to its host and registrable domain; the mailbox is never kept.

Hosts are compared as people write them: lower case, in Unicode (`bücher.de`, also where the CRM
holds `xn--bcher-kva.de`). The registrable domain follows the public suffix list of the installed
tldextract, private suffixes included, so that two tenants of one hosting service are two companies.
No network, no cache on disk.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

import idna
import tldextract

from routing.facts import Fact
from routing.rulebook.model import Book, FieldType
from routing.rulebook.vocabulary import Vocabulary

_LONGEST_HOST = 253
_LONGEST_ADDRESS = 1_000  #: longer is no address; looking for an @ in 100 kB is not worth it
_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_PLAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_SEPARATORS = re.compile(r"[\s,;<>()\[\]:\\\"]")
_SITE = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:(?=//))?(?://)?(?:[^/?#@]*@)?([^/?#:]*)(?::\d*)?(?:[/?#].*)?",
    re.DOTALL,
)
_HOSTS_KEPT = 8_192


class Address(NamedTuple):
    """What is kept of an e-mail address."""

    host: str | None  #: None where the text is no address
    domain: str | None  #: the company's registrable domain; None for free mail


NO_ADDRESS = Address(None, None)


class Domains:
    """Hosts to registrable domains, and which of them are anybody's.

    Args:
        free_mail: Domains that say nothing about a company, `gmail.com`, or `yahoo.*` for all
            countries; those that come with Signalbox where left out.

    Examples:
        >>> domains = Domains()
        >>> domains.address("Kim@EU.Acme.co.uk")
        Address(host='eu.acme.co.uk', domain='acme.co.uk')
        >>> domains.address("kim@gmail.com")
        Address(host='gmail.com', domain=None)
    """

    def __init__(self, free_mail: Iterable[str] | None = None) -> None:
        """Read the lists once."""
        listed = frozenset(_known_free_mail() if free_mail is None else free_mail)
        self._free = frozenset(name for name in listed if not name.endswith(".*"))
        self._free_anywhere = frozenset(name[:-2] for name in listed if name.endswith(".*"))
        self._extract = _suffixes()
        self._company = lru_cache(maxsize=_HOSTS_KEPT)(self._find_company)

    def address(self, email: str | None) -> Address:
        """Host and company domain of an e-mail address."""
        host = email_host(email)
        return NO_ADDRESS if host is None else Address(host, self._company(host))

    def company(self, site: str | None) -> str | None:
        """The company's domain, from a domain, host or web address; None for free mail.

        Examples:
            >>> Domains().company("https://www.acme.com/about")
            'acme.com'
        """
        host = site_host(site)
        return None if host is None else self._find_company(host)

    def registrable(self, host: str) -> str | None:
        """The registrable domain of a host as `email_host` gives it, free mail or not."""
        found = self._extract.extract_str(host)
        if found.domain and found.suffix:
            return f"{found.domain}.{found.suffix}"
        if found.suffix:  # the host is itself a private suffix: somebody's of github.io
            found = self._extract.extract_str(host, include_psl_private_domains=False)
            return f"{found.domain}.{found.suffix}" if found.domain and found.suffix else None
        labels = host.split(".")  # an unlisted suffix such as .test: the last label is the suffix
        return ".".join(labels[-2:]) if len(labels) > 1 else None

    def is_free_mail(self, domain: str) -> bool:
        """Whether a registrable domain belongs to a mail service for everybody."""
        return domain in self._free or domain.partition(".")[0] in self._free_anywhere

    def _find_company(self, host: str) -> str | None:
        domain = self.registrable(host)
        return None if domain is None or self.is_free_mail(domain) else domain


def email_host(email: str | None) -> str | None:
    """The host of an e-mail address in lower case and Unicode; None where there is none.

    Examples:
        >>> email_host("Kim.Doe@EU.Acme.com "), email_host("kim@XN--BCHER-KVA.de")
        ('eu.acme.com', 'bücher.de')
        >>> email_host("not an address"), email_host("a@b@c, d@e"), email_host("kim@[10.0.0.1]")
        (None, None, None)
    """
    if email is None or len(email) > _LONGEST_ADDRESS:
        return None
    mailbox, at, host = email.strip().rpartition("@")
    if not at or not mailbox or _SEPARATORS.search(host):
        return None
    quoted = mailbox.startswith('"') and mailbox.endswith('"') and len(mailbox) > 1
    if not quoted and ("@" in mailbox or _SEPARATORS.search(mailbox)):
        return None
    return clean_host(host)


def site_host(site: str | None) -> str | None:
    """The host of a domain or web address as a CRM holds it, in lower case and Unicode.

    Examples:
        >>> site_host("HTTPS://user@www.Acme.com:8080/x?y"), site_host("acme.com/"), site_host("-")
        ('www.acme.com', 'acme.com', None)
    """
    if site is None or len(site) > _LONGEST_ADDRESS:
        return None
    found = _SITE.fullmatch(site.strip().lower())
    return None if found is None else clean_host(found.group(1))


def email_facts(book: Book) -> tuple[str, ...]:
    """The lead's facts that are e-mail addresses, cut to their hosts."""
    fields = Vocabulary(book.fields).lead_fields()
    return tuple(field.name for field in fields if field.type is FieldType.EMAIL)


def with_clean_hosts(facts: Mapping[str, Fact], emails: Iterable[str]) -> dict[str, Fact]:
    """Facts whose e-mail hosts read as `Domains.address` gives them, and as rules are written.

    Args:
        facts: By name; an e-mail address is cut to its host already.
        emails: Names of those that are e-mail addresses; see `email_facts`.

    Examples:
        >>> with_clean_hosts({"email": Fact("xn--bcher-kva.de")}, ["email"])["email"].value
        'bücher.de'
    """
    clean = dict(facts)
    for name in emails:
        fact = facts.get(name)
        if fact is not None and isinstance(fact.value, str):
            clean[name] = replace(fact, value=clean_host(fact.value) or fact.value)
    return clean


def clean_host(host: str) -> str | None:
    """A host as it is compared, or None where it is none (an IP address, an impossible label)."""
    lowered = unicodedata.normalize("NFC", host).lower().removesuffix(".")
    if len(lowered) > _LONGEST_HOST:
        return None
    if not lowered.isascii() or "xn--" in lowered:
        try:  # dots that are written otherwise are dots only after this
            lowered = idna.decode(idna.encode(lowered, uts46=True)).removesuffix(".")
        except (idna.IDNAError, UnicodeError):
            return None
    plain = not lowered.isascii() or _PLAIN.fullmatch(lowered) is not None
    return lowered if plain and not lowered.rpartition(".")[2].isdigit() else None


@cache
def _suffixes() -> tldextract.TLDExtract:
    """The public suffix list as a tree, which takes long to grow and is the same for all."""
    return tldextract.TLDExtract(
        cache_dir=None,
        suffix_list_urls=(),
        fallback_to_snapshot=True,
        include_psl_private_domains=True,
    )


def _known_free_mail() -> frozenset[str]:
    lines = (files(__package__) / "free_mail.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))

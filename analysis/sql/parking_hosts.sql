-- Where a redirect ends when the name it came from is for sale or earns money with advertisements.
-- Sources: the services' own sites; the operators that J. Zirngibl et al., "Domain Parking: Largely
-- Present, Rarely Considered!" (TMA 2022), found to park the most names.
select
    name,
    operator
from (
    values
        ('above.com', 'Above'),
        ('afternic.com', 'Afternic (GoDaddy)'),
        ('bodis.com', 'Bodis'),
        ('brandbucket.com', 'BrandBucket'),
        ('buydomains.com', 'BuyDomains (Newfold)'),
        ('cashparking.com', 'CashParking (GoDaddy)'),
        ('dan.com', 'Dan (GoDaddy)'),
        ('domainmarket.com', 'DomainMarket'),
        ('dropcatch.com', 'DropCatch'),
        ('efty.com', 'Efty'),
        ('epik.com', 'Epik'),
        ('forsale.godaddy.com', 'GoDaddy'),
        ('hugedomains.com', 'HugeDomains'),
        ('parked.porkbun.com', 'Porkbun'),
        ('parkingcrew.net', 'ParkingCrew (Team Internet)'),
        ('parklogic.com', 'ParkLogic'),
        ('sedo.com', 'Sedo'),
        ('sedoparking.com', 'Sedo'),
        ('skenzo.com', 'Skenzo'),
        ('squadhelp.com', 'Squadhelp'),
        ('undeveloped.com', 'Undeveloped (Dan)'),
        ('uniregistry.com', 'Uniregistry (GoDaddy)'),
        ('voodoo.com', 'Voodoo')
) as parking (name, operator)

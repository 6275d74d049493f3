"""Tables that a run needs and no network gives: shipped in `data/`, renewed by `stillup refresh`.

`networks.py` makes the table of address ranges, `bootstrap.py` says which RDAP server to ask, and
`registrars.py` knows the abuse desks of registrars. A renewed table lies in the user's cache
(`kept_file`) and is in use instead of the shipped one.
"""

"""What users ask of observations. Texts that DuckDB and `stillup sql` understand alike."""

from collections.abc import Mapping

import numpy as np

from bench.sql.world import GIANT, link_ids

_LINK = int(link_ids(0, np.array([77]))[0])

OUTCOMES = "outcomes by registered domain"

QUESTIONS: Mapping[str, str] = {
    OUTCOMES: """
        select registered_domain, outcome, count(*) as links from observations
        where final and round = (select max(round) from observations)
        group by registered_domain, outcome order by links desc, 1, 2 limit 20
    """,
    "share alive by year": """
        select year(observed_at) as year, avg((outcome = 'ok')::integer) as alive, count(*) as links
        from observations where final group by year order by year
    """,
    "top domains by status": """
        select status, registered_domain, count(*) as links from observations where final
        group by status, registered_domain
        qualify row_number() over (partition by status order by links desc, registered_domain) <= 5
        order by status, links desc, registered_domain
    """,
    "one link by id": f"""
        select round, attempt, outcome, status, url from observations
        where link_id = {_LINK} order by round, attempt
    """,
    "one domain's links": """
        select link_id, round, outcome, url from observations
        where registered_domain = 'd70-1.example' order by link_id, round
    """,
    "the largest domain, by host": f"""
        select host, outcome, count(*) as links from observations
        where registered_domain = '{GIANT}' and final group by host, outcome order by host, outcome
    """,
}

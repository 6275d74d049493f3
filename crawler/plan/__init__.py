"""Dataset row → link, shard: what `stillup plan` does, in the order in which it does it.

    sources   what was named on the command line → files
    formats/  a file → batches of rows, with the columns that were recognised (`columns`)
    rows      a batch → staged rows: every URL parsed (what is plain a column at a time:
              `plain_urls`), every promise typed (`cells`), the rest as JSON (`json_rows`)
    stage     all batches → files of numbers and of text in the staging folder (`staged`), by
              several processes
    tables    numbers → what repeats (`repeats`), the links of the run (`firsts`), hosts
              (`host_codes`) in order (`ranks`), domains (`domain_sizes`), sampled (`sample`),
              placed (`shards`, `slots`), and what is told of it (`shard_plans`)
    ordered   text and places (`positions`) → `buckets` of links in the order of the run
    write     links by shard, in several `threads`, dataset rows in source order → the run directory
    put       a run that was made on this machine → the bucket that it is to lie in
    estimate  what the crawl will ask, fetch and take → `summary`, which prints it

`build` holds the flow.
"""

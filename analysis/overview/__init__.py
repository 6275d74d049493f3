"""The whole run on one page, for whoever audits a dataset: `stillup report --overview`.

    sql/NAME.sql ──figures.py──▶ Figure, its rows ──charts.py──▶ SVG ──page.py──▶ one HTML page

A figure is an entry of FIGURES and a query beside it. Plots are drawn without a browser (Altair and
vl-convert, the extra `report`), and every one has its numbers as a table under it.
"""

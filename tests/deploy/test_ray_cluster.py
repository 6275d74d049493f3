"""The Ray example: what Ray's own launcher would read."""

import importlib.util
import json
from pathlib import Path

import pytest
import yaml

from tests.runs import ROOT


def test_the_cluster_is_one_that_the_launcher_takes() -> None:
    """The example holds to the schema that Ray brings, in which no field is unknown."""
    found = importlib.util.find_spec("ray")
    if found is None or found.origin is None:
        pytest.skip("Ray is not installed: make ray")
    schema = Path(found.origin).parent / "autoscaler" / "ray-schema.json"
    text = (ROOT / "deploy" / "ray" / "cluster.yaml").read_text(encoding="utf-8")
    import jsonschema  # seconds: it compiles grammars

    jsonschema.validate(yaml.safe_load(text), json.loads(schema.read_text(encoding="utf-8")))

"""The Kubernetes examples: valid in every field, and their commands do what they say."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.records.errors import WrongUse
from tests.runs import ROOT, planned, rows

DEPLOY = ROOT / "deploy" / "kubernetes"
SCHEMA = json.loads((Path(__file__).parent / "kubernetes-v1.37.json").read_text(encoding="utf-8"))
TYPES = {
    "Job": "io.k8s.api.batch.v1.Job",
    "PersistentVolumeClaim": "io.k8s.api.core.v1.PersistentVolumeClaim",
}
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def read(name: str) -> Any:
    """Return an example."""
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


def judged(example: Any) -> list[str]:
    """Return what Kubernetes' own schema has against an example; fields that it lacks included."""
    from jsonschema import Draft202012Validator  # seconds: it compiles grammars

    validator = Draft202012Validator({**SCHEMA, "$ref": f"#/$defs/{TYPES[example['kind']]}"})
    return [error.message for error in validator.iter_errors(example)]


@pytest.mark.parametrize("name", sorted(path.name for path in DEPLOY.glob("*.yaml")))
def test_kubernetes_knows_every_field(name: str) -> None:
    """Each example holds to the schema of its kind, in which no field is unknown."""
    assert judged(read(name)) == []


def test_a_misspelt_field_would_be_found() -> None:
    """The schema is strict: one letter off is an error."""
    example = read("crawl-job.yaml")
    example["spec"]["backoffLimitPerIndexx"] = 1
    assert judged(example)


def test_the_job_says_what_the_exit_codes_mean() -> None:
    """Wrong use ends the job, a shard that fails is tried again by itself, a lost node is free."""
    spec = read("crawl-job.yaml")["spec"]
    pod = spec["template"]["spec"]
    ignored, ended = spec["podFailurePolicy"]["rules"]
    assert spec["completionMode"] == "Indexed"
    assert spec["backoffLimitPerIndex"] > 0
    assert pod["restartPolicy"] == "Never"
    assert (ignored["action"], ended["action"]) == ("Ignore", "FailJob")
    assert ended["onExitCodes"]["values"] == [WrongUse.exit_code]
    assert ended["onExitCodes"]["containerName"] in {part["name"] for part in pod["containers"]}


@pytest.mark.slow
def test_the_commands_of_the_containers_walk_and_publish(tmp_path: Path) -> None:
    """One index crawls its shard, is done when it is asked again, and the other job publishes."""
    run = planned(tmp_path, ["not a url", "file:///etc/passwd"])
    for name in ("crawl-job.yaml", "crawl-job.yaml", "publish-job.yaml"):
        container = read(name)["spec"]["template"]["spec"]["containers"][0]
        given = {entry["name"]: entry["value"] for entry in container["env"]}
        own = given | {"RUN": str(run), "JOB_COMPLETION_INDEX": "0", "PATH": PATH}
        command = [*container["command"], *container["args"]]
        subprocess.run(command, env=os.environ | own, check=True, timeout=60, cwd=tmp_path)
    assert [row["outcome"] for row in rows(run)] == ["url_invalid"] * 2
    assert (run / "run.duckdb").is_file()

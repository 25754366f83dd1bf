"""Which of Slurm's reasons never pass, and what is told of the others. A real queue is in tests/cluster."""

from __future__ import annotations

import pytest

from scripts.cli import journal, queue, slurm

PASSING = [
    *("Priority", "Resources", "PartitionDown", "PartitionNodeLimit", "AssocMaxJobsLimit", "QOSMaxJobsPerUserLimit"),
    *("AssocGrpCpuLimit", "QOSGrpMemLimit", "JobHeldUser", "ReqNodeNotAvail, UnavailableNodes:n1", "Licenses"),
]
LASTING = [
    *("PartitionTimeLimit", "BadConstraints", "InvalidAccount", "InvalidQOS", "AccountNotAllowed"),
    *("AssocMaxWallDurationPerJobLimit", "QOSMaxWallDurationPerJobLimit", "AssocMaxCpuPerJobLimit"),
    *("QOSMaxMemoryPerJob", "QOSMaxCpuPerNode", "QOSMinCpuNotSatisfied"),
]


@pytest.mark.parametrize("reason", LASTING + PASSING)
def test_only_what_never_passes_ends_a_submission_and_each_reason_is_told_once(tmp_path, monkeypatch, capsys, reason):
    waiting = slurm.Queued("7", "PENDING", reason, "1:55:00", "1500M", "2", "short", "filiera-r_1")
    ended: list[str] = []
    monkeypatch.setattr(slurm, "queue", lambda run: [] if ended else [waiting])
    monkeypatch.setattr(slurm, "end", ended.append)
    monkeypatch.setattr(slurm, "gives", lambda partition: f"{partition} (60 minutes)")
    looks = queue.Look("r", tmp_path / "journal.jsonl")
    for _ in range(4):
        looks.again()
    assert ended == (["7"] if reason in LASTING else [])
    causes = [event["cause"] for event in journal.read(tmp_path / "journal.jsonl") if event["event"] == "hopeless"]
    assert all(f"({reason})" in cause and "1:55:00" in cause and "short (60 minutes)" in cause for cause in causes)
    assert capsys.readouterr().err.count(reason) == (reason not in ("Priority", "Resources"))


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        (
            "SLURM sbatch failed. The error message was 'sbatch: error: Requested time limit "
            "is invalid (missing or exceeds some limit)'.\n    sbatch call:\n        sbatch -p x",
            "Slurm took it not: Requested time limit is invalid (missing or exceeds some limit)",
        ),
        (
            "Job submission failed with exception: The given account x appears to be invalid.For further error details",
            "it could not be submitted: The given account x appears to be invalid.",
        ),
        ("SLURM-job '7' failed, SLURM status is: 'FAILED'. ", ""),
    ],
)
def test_what_sbatch_says_is_the_cause(told, cause):
    assert slurm.refused(told) == cause

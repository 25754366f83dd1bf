"""The tag: which facility, proposal, service and sample a file belongs to, in each format's own words."""

from __future__ import annotations

from dataclasses import dataclass

FIELDS = ("facility", "proposal", "service", "sample", "run")


@dataclass(frozen=True)
class Tag:
    """Where a file belongs. Empty fields do not apply: a matrix has no one sample, a run's raw features no proposal."""

    facility: str
    proposal: str = ""
    service: str = ""
    sample: str = ""
    run: str = ""

    def items(self) -> dict[str, str]:
        """The fields that apply, in a fixed order: the columns of a table, the user params of an mzML."""
        return {field: value for field in FIELDS if (value := getattr(self, field))}

    def sam_comment(self) -> str:
        """The `@CO` line for SAM, BAM and CRAM headers."""
        return "@CO\tfiliera " + " ".join(f"{key}={value}" for key, value in self.items().items())

    def vcf_lines(self) -> list[str]:
        """The `##filiera_...` header lines for VCF."""
        return [f"##filiera_{key}={value}" for key, value in self.items().items()]

    def __str__(self) -> str:
        return "/".join(self.items().values())

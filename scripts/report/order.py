"""The report of an order: MultiQC over its statistics, headed by facility, proposal and service.

Any room adds a section of its own without touching this one: its rule writes a file to the folder `sections/` of the
order's results, and the branch names it in its `sections`. It is MultiQC custom content:

    {id}_mqc.json  keys id, section_name, description, plot_type (table, linegraph, bargraph, html, ...), pconfig, data
    {id}_mqc.tsv   a table; the same keys above it, as lines `# key: value`
    {id}_mqc.png   a picture

Samples and runs in it are named `{sample}` and `{sample}_{run}`. Like all that is delivered it holds no time, no path.
"""

import base64
import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

import yaml

from scripts.lib.files import aside, read_json, write_json
from scripts.lib.tagging import Tag
from scripts.report import content, look, picture, sections, words

#: From the top; sections of other rooms and of MultiQC's modules stand between these and the last ones.
FIRST = ("asked", "means", "acceptance")
LAST = ("intake", "methods", "package")


def settings(facts: dict, reads: int, logo: str = "", others: Sequence[str] = ()) -> dict:
    """MultiQC's configuration for one order; reads are counted in millions or thousands, as their number asks.

    logo    the facility's, a file name beside the configuration
    others  ids of other rooms' sections, in the order in which they are to stand
    """
    unit = ("millions", "M", 1e-6) if reads >= 1_000_000 else ("thousands", "K", 1e-3)
    told = {key: escape(str(value)) for key, value in facts.items()}
    order = {name: {"order": 9000 - place} for place, name in enumerate(FIRST)}
    order |= {name: {"order": 5000 - place} for place, name in enumerate(others)}
    order |= {name: {"order": -1 - place} for place, name in enumerate(LAST)}
    return {
        "title": f"{told['service_title']} for proposal {told['proposal']}",
        "subtitle": told["title"],
        "intro_text": f"{told['text']} Questions: {told['contact']}".strip(),
        "report_header_info": [
            {"Facility": f"{told['facility']}, {told['facility_name']}"},
            {"Proposal": f"{told['proposal']}, {told['call']}"},
            {"Service": f"{told['service']}, {told['service_title']}"},
            {"Samples": words.listed([sample["sample"] for sample in facts["samples"]], most=20)},
        ],
        **({"custom_logo": logo, "custom_logo_title": told["facility_name"]} if logo else {}),
        "custom_css_files": ["look.css"],
        "template_dark_mode": False,
        # Nothing of this machine, nothing of this minute: the report is delivered and must be reproducible.
        "show_analysis_paths": False,
        "show_analysis_time": False,
        "no_version_check": True,
        "no_ai": True,
        "skip_versions_section": True,  # the methods tell them
        "skip_generalstats": True,  # the section `measured` stands in the order's own order
        # fastp notes its command line, with the name of the received file; our copy is named by sample and run.
        "use_filename_as_sample_name": ["fastp"],
        "thousandsSep_format": ",",
        "read_count_desc": unit[0],
        "read_count_prefix": unit[1],
        "read_count_multiplier": unit[2],
        "fn_clean_sample_names": True,
        "extra_fn_clean_exts": [".samtools", ".bcftools", ".fastp"],
        "report_section_order": order,
    }


def reads_received(verdicts: list[dict]) -> int:
    """Records in all received read files."""
    return sum(file["facts"].get("records", 0) for verdict in verdicts for file in verdict["files"])


class Paths(NamedTuple):
    acceptance: str
    methods: str
    statistics: list[str]
    verdicts: list[str]
    sections: list[str]
    logo: list[str]
    report: str


class Values(NamedTuple):
    tag: dict[str, str]
    facts: dict
    runs: list[dict]
    payload: list[dict[str, str]]
    meanings: dict[str, str]
    names: list[str]


def gather(paths: Paths, values: Values, verdicts: list[dict], folder: Path) -> None:
    """Fill `folder` with what MultiQC reads, under names that it shows as samples and runs."""
    runs = [f"{run['sample']}_{run['run']}" for run in values.runs]
    summary = read_json(paths.acceptance)
    methods = sections.methods(Path(paths.methods).read_text(encoding="utf-8"))
    parts = [sections.asked(values.facts), sections.means(summary, values.facts), sections.acceptance(summary)]
    parts += [content.intake(verdicts, runs), methods, sections.package(values.payload, values.meanings)]
    for name, path in zip(values.names, paths.statistics, strict=True):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(path, folder / name)
    for part in parts:
        write_json(folder / f"{part['id']}_mqc.json", part)
    for path in paths.sections:
        shutil.copyfile(path, folder / Path(path).name)


#: The program, but for one thing: it copies its templates with their modes, and where they are read-only, it could
#: neither write beside the copies nor remove them.
MULTIQC = (
    "import runpy, shutil; shutil.copystat = lambda *_, **__: None; runpy.run_module('multiqc', run_name='__main__')"
)


def reproducible(html: str, tag: Tag) -> str:
    """The report without what MultiQC makes anew at each run: its id, its date, the time inside the compressed data."""
    name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"filiera:{tag}"))
    html = re.sub(r'(reportUuid = ")[0-9a-f-]{36}(")', rf"\g<1>{name}\g<2>", html)
    html = re.sub(r'(configCreationDate = ")[^"]*(")', r"\1\2", html)

    def repacked(match: re.Match) -> str:
        data = gzip.decompress(base64.b64decode(match[2]))
        return match[1] + base64.b64encode(gzip.compress(data, mtime=0)).decode()

    return re.sub(r'(id="mqc_compressed_plotdata">)([A-Za-z0-9+/=]+)', repacked, html)


def main(paths: Paths, values: Values) -> None:
    """Write `paths.report`. Raises RuntimeError with MultiQC's words when it fails."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "data"
        data.mkdir()
        verdicts = [read_json(path) for path in paths.verdicts]
        gather(paths, values, verdicts, data)
        logo = ""
        for path in paths.logo:
            logo = f"logo{Path(path).suffix}"
            (folder / logo).write_bytes(picture.plain(Path(path).read_bytes()))
        others = [Path(path).name.rsplit("_mqc.", 1)[0] for path in paths.sections]
        configuration = yaml.safe_dump(settings(values.facts, reads_received(verdicts), logo, others))
        (folder / "config.yaml").write_text(configuration, encoding="utf-8")
        (folder / "look.css").write_text(look.CSS, encoding="utf-8")
        # In an order of ours: left to itself MultiQC goes through a folder as the file system lists it, and the page
        # tells that order.
        files = sorted(str(path.relative_to(folder)) for path in data.rglob("*") if path.is_file())
        (folder / "files.txt").write_text("".join(f"{path}\n" for path in files), encoding="utf-8")
        command = [sys.executable, "-c", MULTIQC, "--file-list", "files.txt", "--config", "config.yaml"]
        command += ["--filename", "report.html", "--no-data-dir", "--no-ansi"]
        # The settings of whoever runs it would change the page.
        mine = {key: value for key, value in os.environ.items() if not key.startswith("MULTIQC_")}
        mine |= {"HOME": name, "XDG_CONFIG_HOME": name}
        done = subprocess.run(command, cwd=folder, env=mine, capture_output=True, text=True)
        sys.stderr.write(done.stderr)
        report = folder / "report.html"
        if done.returncode or not report.is_file():
            raise RuntimeError(f"MultiQC ended with exit code {done.returncode} and without a report")
        html = reproducible(report.read_text(encoding="utf-8"), Tag(**values.tag))
        with aside(paths.report) as part:
            part.write_text(html, encoding="utf-8")


if __name__ == "__main__":
    from scripts.lib.job import run

    run(main, snakemake)  # noqa: F821

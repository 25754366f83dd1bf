"""What the rules ask of a site: which files and values belong to which wildcards.

Rules stay declarative; every look-up they need is a method here. All values are plain (str, list, dict), because
Snakemake pickles them on the way to a script.
"""

from __future__ import annotations

import shlex
from importlib.metadata import version
from typing import NamedTuple

from scripts.lib.registry import Order, Site
from scripts.lib.registry.models import Run, Sample

RUN = "results/{facility}/runs/{service}/{run}"
ORDER = "results/{facility}/{proposal}/{service}"
PACKAGE = f"{ORDER}/package"
REFERENCE = "results/references/{reference}"
FASTP_READS = (".gz", ".fastq", ".fq")
MATES = {"read1": "_R1", "read2": "_R2", "file": ""}


class Aligner(NamedTuple):
    """How an aligner is called, for mates in one stream too, and what its index consists of."""

    command: str
    interleaved: str
    prefix: str
    files: tuple[str, ...]


ALIGNERS = {
    "minimap2": Aligner("minimap2 -a -x sr", "", ".mmi", ("",)),
    # -K: batches of fixed size, so that the number of threads does not change the result
    "bwa": Aligner("bwa mem -v 1 -K 100000000", " -p", ".bwa", (".amb", ".ann", ".bwt", ".pac", ".sa")),
}


class Plan:
    """A site's orders, seen from the rules.

    selected  the orders that are asked for; look-ups answer for every order of the site
    """

    def __init__(self, site: Site, proposal: str = ""):
        self.site = site
        self.selected = site.select(proposal)
        self._orders = {order.path: order for order in site.orders.values()}
        # A batch's pools serve several orders; their runs are one computation, whichever order asks.
        self._runs: dict[tuple[str, str, str], tuple[Order, Sample, Run]] = {}
        for order in site.orders.values():
            for sample, run in order.all_runs():
                self._runs.setdefault((order.facility_id, order.service_id, run.key), (order, sample, run))

    # --- looking up by wildcards --------------------------------------------------------------------------------------

    def order(self, wildcards) -> Order:
        return self._orders[f"{wildcards.facility}/{wildcards.proposal}/{wildcards.service}"]

    def _run(self, wildcards) -> tuple[Order, Sample, Run]:
        return self._runs[wildcards.facility, wildcards.service, wildcards.run]

    def _run_of(self, wildcards) -> Run:
        """The run that a package file's `{sample}_{received}` wildcards name."""
        return next(run for run in self.order(wildcards).runs[wildcards.sample] if run.run == wildcards.received)

    def recipe(self, wildcards) -> dict:
        service = self.site.services[wildcards.service]
        return service.recipe.model_dump()

    def run_folder(self, order: Order, run: Run) -> str:
        return RUN.format(facility=order.facility_id, service=order.service_id, run=run.key)

    # --- tags ---------------------------------------------------------------------------------------------------------

    def order_tag(self, wildcards) -> dict[str, str]:
        """Facility, proposal and service, and the sample where the wildcards have one."""
        return self.order(wildcards).tag(getattr(wildcards, "sample", "")).items()

    def run_tag(self, wildcards) -> dict[str, str]:
        """What a run's own files carry: neither sample nor proposal, which a correction may change."""
        order, _, run = self._run(wildcards)
        return {"facility": order.facility_id, "service": order.service_id, "run": run.run}

    # --- runs ---------------------------------------------------------------------------------------------------------

    def received(self, wildcards) -> list[str]:
        """The run's files as the sheet names them."""
        return list(self._run(wildcards)[2].received.values())

    def received_state(self, wildcards) -> list[list[int]]:
        """Size and time of each received file: one that is replaced by an older one is checked again too."""
        states = [(self.site.directory / path).stat() for path in self.received(wildcards)]
        return [[state.st_size, state.st_mtime_ns] for state in states]

    def fact(self, name: str):
        """A params function: what sheets and catalogue say about a run, for intake to hold its files against."""

        def value(wildcards):
            order, sample, run = self._run(wildcards)
            facts = {
                "kind": run.format,
                "checksums": run.checksums(),
                "accepts": list(order.service.accepts),
                "platform": run.platform,
                "flowcell": run.flowcell,
                "lane": run.lane,
                "polarity": run.polarity,
                # Only an alignment carries a sample's name: FASTQ files may change their sample unread.
                "names": [sample.sample, *filter(None, [sample.donor])] if run.format in ("bam", "cram") else [],
            }
            if order.service.domain == "genomics":
                facts |= {
                    "platforms": list(order.service.platforms),
                    "read_length_min": order.service.min_read_length,
                    "read_length_max": order.service.max_read_length,
                }
            return facts.get(name, [] if name == "platforms" else 0)

        return value

    def intake_reference(self, wildcards) -> list[str]:
        """The reference that a received alignment is held against."""
        if self._run(wildcards)[2].format in ("bam", "cram"):
            return [self.reference_file(".fa")(wildcards), self.reference_file(".fa.fai")(wildcards)]
        return []

    def spectra(self, wildcards) -> list[str]:
        """The run's spectra: as received, or converted to what the later steps read."""
        order, _, run = self._run(wildcards)
        if run.format == "netcdf":
            return [f"{self.run_folder(order, run)}/converted.mzML"]
        return list(run.received.values())

    def polarity(self, wildcards) -> str:
        return self._run(wildcards)[2].polarity

    def reference(self, wildcards) -> str:
        """The name of the reference of a run or of a sample."""
        if hasattr(wildcards, "run"):
            return self._run(wildcards)[1].reference
        return self.site.samples[wildcards.sample].reference

    def reference_file(self, suffix: str):
        """An input function: the sample's or run's reference with this suffix, e.g. `.fa`."""
        return lambda wildcards: f"{REFERENCE}/{{reference}}{suffix}".format(reference=self.reference(wildcards))

    def fasta(self, wildcards) -> str:
        return self.site.config.references[wildcards.reference].fasta

    def read_source(self, wildcards) -> str:
        """The start of a pipe that brings a received BAM's or CRAM's reads back, mates together; '' for FASTQ files.

        Reads whose mate is not in the file come too: aligners take neighbours of one name for mates, others singly.
        """
        run = self._run(wildcards)[2]
        if run.format == "fastq":
            return ""
        fasta = shlex.quote(self.intake_reference(wildcards)[0])
        folder = shlex.quote(f"{RUN}/collate".format(**{k: wildcards[k] for k in ("facility", "service", "run")}))
        return f"samtools collate -u -O --reference {fasta} {shlex.quote(run.file)} {folder} | samtools fastq -n - |"

    def fastp_reads(self, wildcards) -> str:
        """fastp's input arguments, quoted."""
        run = self._run(wildcards)[2]
        if run.format != "fastq":
            return "--stdin"
        # fastp takes a file for compressed by the ending .gz alone, and reads nothing from one that ends otherwise.
        return " ".join(
            f"--in{mate} {shlex.quote(path) if path.endswith(FASTP_READS) else f'<(gzip -dc {shlex.quote(path)})'}"
            for mate, path in enumerate(run.received.values(), 1)
        )

    def aligner_reads(self, wildcards) -> str:
        """The aligner's read arguments, quoted."""
        run = self._run(wildcards)[2]
        return "-" if run.format != "fastq" else " ".join(map(shlex.quote, run.received.values()))

    def aligner(self, wildcards) -> str:
        """The aligner's command, up to threads, read group, index and reads, which all aligners name alike."""
        aligner = ALIGNERS[self.recipe(wildcards)["aligner"]]
        return aligner.command + (aligner.interleaved if self.read_source(wildcards) else "")

    def aligner_index(self, wildcards) -> list[str]:
        prefix, suffixes = self.aligner_index_prefix(wildcards), ALIGNERS[self.recipe(wildcards)["aligner"]].files
        return [prefix + suffix for suffix in suffixes]

    def aligner_index_prefix(self, wildcards) -> str:
        """What the aligner is told to read: the one file, or what the names of its files have in common."""
        suffix = ALIGNERS[self.recipe(wildcards)["aligner"]].prefix
        return f"{REFERENCE}/{{reference}}{suffix}".format(reference=self.reference(wildcards))

    def run_read_group(self, wildcards) -> str:
        """The read group that aligners attach: the run's id alone, because a run may change its sample."""
        return rf"@RG\tID:{self._run(wildcards)[2].run}"

    # --- samples ------------------------------------------------------------------------------------------------------

    def aligned_runs(self, wildcards) -> list[str]:
        """The aligned runs of one library of a sample."""
        order = self.order(wildcards)
        return [
            f"{self.run_folder(order, run)}/aligned.bam"
            for run in order.runs[wildcards.sample]
            if _library(run) == wildcards.library
        ]

    def library_alignments(self, wildcards) -> list[str]:
        folder = ORDER.format(**_order_fields(wildcards))
        return [
            f"{folder}/alignment/{sample}/library.{library}.bam"
            for sample, library in _libraries(self.order(wildcards))
            if sample == wildcards.sample
        ]

    def alignment_programs(self, wildcards) -> list[str]:
        """The programs that made the alignment, in their order."""
        return [self.recipe(wildcards)["aligner"], "samtools"]

    def has_targets(self, wildcards) -> bool:
        return bool(self.site.samples[wildcards.sample].targets)

    def targets_file(self, wildcards) -> str:
        """The sample's target regions as the sheet names them."""
        return self.site.samples[wildcards.sample].targets

    def targets_bed(self, wildcards) -> list[str]:
        """The sample's target regions, checked, if it has any."""
        if not self.has_targets(wildcards):
            return []
        return [f"{ORDER}/alignment/{wildcards.sample}/targets.bed".format(**_order_fields(wildcards))]

    def assessed_regions(self, wildcards) -> str:
        """Where coverage is measured: the targets of an exome, else the autosomes without gaps."""
        return (self.targets_bed(wildcards) or [self.reference_file(".assessed.bed")(wildcards)])[0]

    def read_groups(self, wildcards) -> list[dict[str, str]]:
        """The @RG lines of a sample, one a run, as SAM fields."""
        groups = []
        for run in self.order(wildcards).runs[wildcards.sample]:
            unit = ".".join(filter(None, [run.flowcell, run.lane]))
            unit = run.run if not unit or "," in unit else unit
            group = {"ID": run.run, "SM": wildcards.sample, "LB": _library(run), "PU": unit}
            # A platform that nobody stated is not invented.
            groups.append(group | ({"PL": run.platform.upper()} if run.platform else {}) | {"CN": wildcards.facility})
        return groups

    def of_runs(self, name: str, sample: bool = False):
        """An input function: the file `name` of every run of the order (or of the wildcards' sample)."""

        def files(wildcards) -> list[str]:
            order = self.order(wildcards)
            return [
                f"{self.run_folder(order, run)}/{name}"
                for owner, run in order.all_runs()
                if not sample or owner.sample == wildcards.sample
            ]

        return files

    def of_received_run(self, name: str):
        """An input function: the file `name` of the run that `{sample}` and `{received}` name."""

        def file(wildcards) -> str:
            return f"{self.run_folder(self.order(wildcards), self._run_of(wildcards))}/{name}"

        return file

    def received_run_tag(self, wildcards) -> dict[str, str]:
        return self.order(wildcards).tag(wildcards.sample, wildcards.received).items()

    def of_samples(self, pattern: str):
        """An input function: `pattern` (below the order's folder, with {sample}) for every sample of the order."""
        return lambda wildcards: [
            f"{ORDER}/{pattern}".format(sample=sample.sample, **_order_fields(wildcards))
            for sample in self.order(wildcards).samples
        ]

    def runs(self, wildcards) -> list[dict]:
        """The order's runs, in the order of `of_runs`: what a table or a model needs to know of each."""
        return [
            {
                "run": run.run,
                "sample": sample.sample,
                "role": sample.role,
                "batch": run.batch,
                "injection": run.injection or "",
                "polarity": run.polarity,
                "group": sample.group,
                "files": self.received_names(sample, run),
            }
            for sample, run in self.order(wildcards).all_runs()
        ]

    def metrics(self, wildcards) -> list[str]:
        """The metrics files on which an order is judged."""
        if self.order(wildcards).service.domain == "genomics":
            return self.of_samples("metrics/{sample}.genomics.json")(wildcards)
        return [f"{ORDER}/metrics/metabolomics.json".format(**_order_fields(wildcards))]

    def report_inputs(self, wildcards) -> dict[str, list[str]]:
        """What the order's report shows, by the kind of file."""
        inputs = {"verdicts": self.of_runs("intake.json")(wildcards), "metrics": self.metrics(wildcards)}
        if self.order(wildcards).service.domain == "genomics":
            order = self.order(wildcards)
            return inputs | {
                "fastp": self.of_runs("fastp.json")(wildcards),
                "stats": self.of_samples("alignment/{sample}/samtools.stats.txt")(wildcards),
                "duplicates": [
                    f"{ORDER}/alignment/{sample}/library.{library}.markdup.txt".format(**_order_fields(wildcards))
                    for sample, library in _libraries(order)
                ],
                "depths": self.of_samples("alignment/{sample}/depth_histogram.tsv")(wildcards),
                "variants": self.of_samples("variants/{sample}/bcftools.stats.txt")(wildcards),
            }
        return inputs | {
            "spectra": self.of_runs("spectra.json")(wildcards),
            "features": self.of_runs("features.json")(wildcards),
            "alignment": [f"{ORDER}/quantification/alignment.tsv".format(**_order_fields(wildcards))],
        }

    # --- packages -----------------------------------------------------------------------------------------------------

    @staticmethod
    def received_names(sample: Sample, run: Run) -> list[str]:
        """Names under which a run's received files are delivered: the sender's own names stay behind."""
        return [f"{sample.sample}_{run.run}{MATES[role]}{_ending(path)}" for role, path in run.received.items()]

    def received_file(self, wildcards) -> str:
        """The received file that is delivered under the name that the wildcards make up."""
        order = self.order(wildcards)
        name = f"{wildcards.sample}_{wildcards.received}"
        for run in order.runs[wildcards.sample]:
            names = self.received_names(self.site.samples[wildcards.sample], run)
            if name in names:
                return list(run.received.values())[names.index(name)]
        raise KeyError(f"no received file is delivered as {name}")

    def verdict_of_received(self, wildcards) -> str:
        order, path = self.order(wildcards), self.received_file(wildcards)
        run = next(run for run in order.runs[wildcards.sample] if path in run.received.values())
        return f"{self.run_folder(order, run)}/intake.json"

    @staticmethod
    def payload(order: Order) -> list[dict[str, str]]:
        """Every file of an order's package but README and manifest: path, sample, deliverable, format, EDAM id."""
        rows = []

        def add(path: str, deliverable: str, sample: str = "", format: str = "", edam: str = "") -> None:
            promised = order.service.deliverables.get(deliverable)
            rows.append(
                {
                    "path": f"data/{path}",
                    "sample": sample,
                    "deliverable": deliverable,
                    "format": format or promised.format,
                    "edam": edam or (promised.edam if promised else ""),
                }
            )

        promised = order.service.deliverables
        add("00-Reports/multiqc_report.html", "report", format="HTML", edam="format_2331")
        add("00-Reports/acceptance.tsv", "report", format="TSV", edam="format_3475")
        if "matrix" in promised:
            add("quantification/feature_matrix.tsv", "matrix")
        if "mztab" in promised:
            add("quantification/features.mzTab", "mztab")
        for sample in order.samples:
            name = sample.sample
            if "alignment" in promised:
                add(f"{name}/{name}.cram", "alignment", name)
                add(f"{name}/{name}.cram.crai", "alignment", name, "CRAI", "format_3462")
            if "variants" in promised:
                add(f"{name}/{name}.vcf.gz", "variants", name)
                add(f"{name}/{name}.vcf.gz.tbi", "variants", name, "TBI", "format_3700")
            for run in order.runs[name]:
                if "features" in promised:
                    add(f"{name}/{name}_{run.run}.featureXML", "features", name)
                for kind in {"reads", "spectra"} & promised.keys():
                    for received in Plan.received_names(sample, run):
                        add(f"{name}/received/{received}", kind, name)
        return rows

    @staticmethod
    def staged(order: Order) -> list[str]:
        """Every file of an order's staged package, its manifest last."""
        folder = PACKAGE.format(facility=order.facility_id, proposal=order.proposal.proposal, service=order.service_id)
        files = [row["path"] for row in Plan.payload(order)]
        return [f"{folder}/{name}" for name in (*files, "README.md", "manifest.tsv")]

    def package_files(self, wildcards) -> list[str]:
        """The staged payload, in the order of `payload`."""
        return self.staged(self.order(wildcards))[:-2]

    def package_rows(self, wildcards) -> list[dict[str, str]]:
        return self.payload(self.order(wildcards))

    def targets(self, _wildcards=None) -> list[str]:
        """Every staged file of the selected orders: each is named, so that a deleted one is missed."""
        return [path for order in self.selected for path in self.staged(order)]

    def order_title(self, wildcards) -> str:
        order = self.order(wildcards)
        return f"{order.service.title} for proposal {order.proposal.proposal}: {order.proposal.title}"

    @staticmethod
    def metabolomics_software(_wildcards) -> list[list[str]]:
        """Name and version of what picked and linked the features."""
        return [["OpenMS", version("pyopenms")]]

    def criteria(self, wildcards) -> dict[str, dict]:
        return {name: item.model_dump() for name, item in self.order(wildcards).service.acceptance.items()}

    def sample_roles(self, wildcards) -> dict[str, str]:
        return {sample.sample: sample.role for sample in self.order(wildcards).samples}

    def order_facts(self, wildcards) -> dict:
        """What report and README say about the order."""
        order = self.order(wildcards)
        return {
            "facility": order.facility_id,
            "facility_name": order.facility.name,
            "contact": order.facility.contact,
            "url": order.facility.url,
            "proposal": order.proposal.proposal,
            "title": order.proposal.title,
            "call": order.proposal.call,
            "service": order.service_id,
            "service_title": order.service.title,
            "domain": order.service.domain,
            "agreement_end": str(order.proposal.agreement_end or ""),
            "samples": [
                {"sample": sample.sample, "role": sample.role, "runs": len(order.runs[sample.sample])}
                for sample in order.samples
            ],
        }


def _order_fields(wildcards) -> dict[str, str]:
    return {name: getattr(wildcards, name) for name in ("facility", "proposal", "service")}


def _library(run: Run) -> str:
    """A run that names no library belongs to the sample's own."""
    return run.library or run.sample


def _libraries(order: Order) -> list[tuple[str, str]]:
    """(sample, library) of every library of an order, each once, in the order of the sheets."""
    return list(dict.fromkeys((sample.sample, _library(run)) for sample, run in order.all_runs()))


def _ending(path: str) -> str:
    """`.fastq.gz` of `reads/x.1.fastq.gz`: the last suffix, and the one before a compression's."""
    parts = path.rsplit("/", 1)[-1].split(".")
    keep = 2 if parts[-1].lower() in ("gz", "bgz") else 1
    return "." + ".".join(parts[-keep:])

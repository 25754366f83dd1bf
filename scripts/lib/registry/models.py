"""The types of everything a site is described by. Field descriptions are the documentation: config/README.md is
generated from them, and error messages quote the `expected` texts."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    PrivateAttr,
    StringConstraints,
    model_validator,
)

from scripts.lib import dates
from scripts.lib.formats import UNKNOWN, Format

SHARED = "-"  # the proposal of what belongs to an instrument batch: pools, blanks, calibrators, controls
HUMAN = {"homo sapiens", "human", "h. sapiens", "9606", "ncbitaxon:9606", "taxon:9606"}


def column(description: str, expected: str, default: Any = ...) -> Any:
    """A sheet column or configuration key: what it means, and what a message says should stand there."""
    return Field(default, description=description, json_schema_extra={"expected": expected})


def blank_is_none(value: Any) -> Any:
    return None if value == "" else value


ID_EXPECTED = "letters, digits, '_' and '-' (at most 64, a letter or digit first)"
ID = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
Id = Annotated[str, StringConstraints(pattern=f"^{ID}$")]
OptionalId = Annotated[str, StringConstraints(pattern=f"^({ID})?$")]
ProposalRef = Annotated[str, StringConstraints(pattern=f"^(-|{ID})$")]
IdList = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_,-]{0,64}$")]
Text = Annotated[str, StringConstraints(min_length=1)]
CalendarDay = Annotated[date, PlainValidator(dates.day)]
Day = Annotated[date | None, PlainValidator(lambda value: None if value in ("", None) else dates.day(value))]
Moment = Annotated[datetime | None, PlainValidator(lambda value: None if value in ("", None) else dates.moment(value))]
Number = Annotated[float | None, BeforeValidator(blank_is_none)]
Amount = Annotated[float | None, BeforeValidator(blank_is_none), Field(gt=0, allow_inf_nan=False)]
Count = Annotated[Annotated[int, Field(ge=1)] | None, BeforeValidator(blank_is_none)]
Md5 = Annotated[str, StringConstraints(pattern=r"^([0-9a-fA-F]{32})?$", to_lower=True)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^([0-9a-fA-F]{64})?$", to_lower=True)]
# What is copied for a run, worked on or handed out: no place for what must stay in the facility.
LEAVING = {"config", "branches", "results", "deliveries", "logs", "benchmarks", ".filiera"}
# All that Filiera keeps of its own in a site: nothing is received there.
KEPT = LEAVING | {"ledger", "private", "keys", "reports", "federation", ".snakemake"}
Region = Annotated[str, StringConstraints(pattern=r"^\S+:[1-9]\d*-[1-9]\d*$")]
DAY = "a date as 2026-12-31"
MD5 = "32 hexadecimal digits"
SHA256 = "64 hexadecimal digits"
PATH = "a path relative to the site directory"


def _stays(path: str) -> str:
    parts = PurePosixPath(os.path.normpath(path)).parts
    if not parts or parts[0] in LEAVING | {".."} or path.endswith("/"):
        raise ValueError(f"{path!r}, a place that is copied or handed out")
    return path


def _receives(path: str) -> str:
    parts = PurePosixPath(os.path.normpath(path)).parts
    if not path or not parts or parts[0] in KEPT | {"..", "/"}:
        raise ValueError(f"{path!r}, where nothing is received")
    return path


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name!r}, which is no time zone") from error
    return name


PrivatePath = Annotated[str, AfterValidator(_stays)]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z]+$")]
ReceivingPath = Annotated[str, AfterValidator(_receives)]
Zone = Annotated[str, AfterValidator(_zone)]


def _without_password(url: str) -> str:
    # Runs keep a copy of config.yaml. What is no such address may hold one anywhere: it is not quoted.
    if url and not re.fullmatch(r"postgresql\+psycopg://([^:@/\s]*@)?[^@\s]*", url) or "password" in url:
        raise ValueError("another kind of address, or one with a password")
    return url


def is_address(text: str) -> bool:
    return bool(re.fullmatch(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+", text))


def _address(text: str) -> str:
    if not is_address(text):
        raise ValueError(f"{text!r}, which is no address")
    return text


Address = Annotated[str, AfterValidator(_address)]
ADDRESS = "an address as https://example.org/x"
ADDRESSES = "a list of addresses"
LedgerUrl = Annotated[str, AfterValidator(_without_password)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


# --- sheets -----------------------------------------------------------------------------------------------------------


class Proposal(Strict):
    """One row of proposals.tsv."""

    proposal: Id = column("the proposal's id", ID_EXPECTED)
    call: Text = column("the open-access call that it answers", "the call's name")
    title: Text = column("the proposal's title, as it stands on the report", "a title")
    status: Text = column("where it stands; only `awarded` proposals run", "awarded, closed, submitted, ...")
    agreement_start: Day = column("first day of the service agreement", DAY, None)
    agreement_end: Day = column("day on which the agreement terminates; retention counts from here", DAY, None)
    human_data: Literal["yes", "no", "public"] = column(
        "`yes`; `no`; `public` = openly consented reference material such as GIAB", "yes, no or public"
    )
    recipients: str = column("comma-separated files with the recipients' Crypt4GH public keys", PATH, "")
    duo: Annotated[str, StringConstraints(pattern=r"^(DUO:\d{7}( *, *DUO:\d{7})*)?$")] = column(
        "comma-separated Data Use Ontology terms", "terms as DUO:0000042", ""
    )


class Award(Strict):
    """One row of awards.tsv: how many samples of a service a proposal may have at a facility."""

    proposal: Id = column("the proposal", "a proposal of proposals.tsv")
    facility: Id = column("the facility that gives", ID_EXPECTED)
    service: Id = column("the service of the catalogue", ID_EXPECTED)
    units: Annotated[int, Field(ge=1)] = column(
        "most samples (of role `sample`, not withdrawn)", "a whole number from 1"
    )


class Sample(Strict):
    """One row of samples.tsv."""

    sample: Id = column("pseudonym of the sample, unique in the installation", ID_EXPECTED)
    proposal: ProposalRef = column(
        "the proposal; `-` for what belongs to an instrument batch", f"a proposal of proposals.tsv, or {SHARED}"
    )
    facility: Id = column("the facility that measures it", ID_EXPECTED)
    service: Id = column("the service of the catalogue", ID_EXPECTED)
    role: Annotated[
        Literal["sample", "pool", "blank", "calibrator", "control"], BeforeValidator(lambda v: v or "sample")
    ] = column(
        "`pool` = QC pool, `control` = control of known concentration",
        "sample, pool, blank, calibrator or control",
        "sample",
    )
    status: Annotated[Literal["active", "waiting", "withdrawn"], BeforeValidator(lambda v: v or "active")] = column(
        "what is not `active` is neither analysed nor delivered: a `waiting` sample follows in a later version, a"
        " `withdrawn` one (as when consent is withdrawn) does not",
        "active, waiting or withdrawn",
        "active",
    )
    reason: str = column("why it waits or was withdrawn, as the next version states it", "a reason", "")
    organism: str = column("scientific name", "a scientific name", "")
    sex: Annotated[Literal["female", "male", "unknown"], BeforeValidator(lambda v: v or "unknown")] = column(
        "as declared by the sender", "female, male or unknown", "unknown"
    )
    donor: OptionalId = column("the person or animal; several samples may share one", ID_EXPECTED, "")
    population: str = column("population label for allele frequencies", "a label", "")
    group: str = column("study group, for the report; RNA: groups are compared", "a label", "")
    replicate: OptionalId = column(
        "RNA: which biological replicate of its group; samples of the same group and replicate are one specimen",
        ID_EXPECTED,
        "",
    )
    strandedness: Annotated[
        Literal["forward", "reverse", "unstranded", "unknown"], BeforeValidator(lambda v: v or "unknown")
    ] = column(
        "RNA: which strand read 1 (or the single read) is of: `forward` the transcript's, `reverse` the other (dUTP);"
        " `unknown` is measured",
        "forward, reverse, unstranded or unknown",
        "unknown",
    )
    reference: OptionalId = column(
        "name of a reference in config.yaml (genomics: required)", "a reference of config.yaml", ""
    )
    targets: str = column("BED of target regions (exomes)", PATH, "")
    level: OptionalId = column(
        "concentration level of a calibrator or control, as in concentrations.tsv", ID_EXPECTED, ""
    )
    spiked: Literal["", "before", "after", "neat"] = column(
        "how a control was spiked, for recovery and matrix effect: `before` or `after` extraction, `neat` in solvent",
        "before, after or neat",
        "",
    )
    amount: Amount = column("amount of sample taken; concentrations are divided by it", "a positive number", None)
    amount_unit: str = column("unit of the amount", "a unit such as mg", "")
    dilution: Amount = column("dilution factor; concentrations are multiplied by it", "a positive number", None)

    @property
    def absence(self) -> str:
        """Why a sample that is not active is left out, in words."""
        what = "withdrawn" if self.status == "withdrawn" else "follows in a later version"
        return f"{what}: {self.reason}" if self.reason else what

    @property
    def order_id(self) -> str:
        """The order it belongs to (of a batch's pool or blank: none that exists)."""
        return f"{self.proposal}/{self.facility}/{self.service}"


class Run(Strict):
    """One row of runs.tsv: what came off one instrument run."""

    sample: Id = column("the sample of samples.tsv", ID_EXPECTED)
    run: Id = column("id of the run, unique within the sample", ID_EXPECTED)
    read1: str = column("FASTQ of the first mates (or of single reads)", PATH, "")
    read2: str = column("FASTQ of the second mates", PATH, "")
    layout: Annotated[str, StringConstraints(pattern=r"^(interleaved|joined(:[1-9]\d*)?)?$")] = column(
        "how `read1` alone holds both mates: `interleaved` (one behind the other) or `joined` (both in one read, its"
        " halves; `joined:101` where the first mate has 101 bases and the second another number)",
        "interleaved, joined, joined:101 or nothing",
        "",
    )
    file: str = column(
        "BAM, CRAM, mzML, ... (instead of read1/read2); a table of peak areas may hold many runs, each under its `run`",
        PATH,
        "",
    )
    md5: Md5 = column("MD5 of `file`", MD5, "")
    sha256: Sha256 = column("SHA-256 of `file`", SHA256, "")
    read1_md5: Md5 = column("MD5 of `read1`", MD5, "")
    read1_sha256: Sha256 = column("SHA-256 of `read1`", SHA256, "")
    read2_md5: Md5 = column("MD5 of `read2`", MD5, "")
    read2_sha256: Sha256 = column("SHA-256 of `read2`", SHA256, "")
    platform: str = column("sequencing platform as in SAM's PL", "ILLUMINA, ELEMENT, ...", "")
    instrument: str = column(
        "instrument model as the European Nucleotide Archive names it", "Illumina NovaSeq X, ...", ""
    )
    library: OptionalId = column(
        "library; duplicates are marked within it (default: that of the received alignment, else the sample)",
        ID_EXPECTED,
        "",
    )
    flowcell: IdList = column("flow cell; several, where one file holds them, with commas", "ids, separated by ','", "")
    lane: IdList = column("lane; several likewise", "ids, separated by ','", "")
    batch: OptionalId = column("runs measured together on one instrument", ID_EXPECTED, "")
    polarity: Literal["", "positive", "negative", "both"] = column(
        "MS polarity to use; a run that switches is split when it says `both`", "positive, negative or both", ""
    )
    injection: Count = column("position in the injection order", "a whole number from 1", None)
    acquired: Moment = column("day or time of acquisition", "2026-12-31 or 2026-12-31T14:30", None)

    @property
    def received(self) -> dict[str, str]:
        """Role in the sheet -> path, for the files that this run has."""
        return {role: path for role in ("read1", "read2", "file") if (path := getattr(self, role))}

    #: The name of its format among those that its service accepts, and the format; '' when no ending fits.
    _read_as: tuple[str, Format] = PrivateAttr(("", UNKNOWN))

    def read_as(self, formats: Mapping[str, Format]) -> Run:
        """This run, of the format that its file's name says."""
        path = next(iter(self.received.values()), "")
        self._read_as = next((each for each in formats.items() if each[1].fits(path)), ("", UNKNOWN))
        return self

    @property
    def format(self) -> str:
        """`fastq`, `bam`, ... or '' when no ending fits that its service accepts."""
        return self._read_as[0]

    @property
    def kind(self) -> Format:
        """The same with all that is known of it."""
        return self._read_as[1]

    @property
    def shared(self) -> bool:
        """Whether its file holds other samples too."""
        return self._read_as[1].shared

    @property
    def examine(self) -> str:
        """What reads its file in intake's place, or ''."""
        return self._read_as[1].examine

    @property
    def key(self) -> str:
        """Name of the run's folder. It depends on the run and its files alone, so that moving a mislabelled run to
        another sample or proposal finds what was computed; the digest keeps two samples' `L001` apart."""
        files = "\0".join(self.received.values())
        return f"{self.run}-{hashlib.sha256(files.encode()).hexdigest()[:6]}"

    def checksums(self) -> list[dict[str, str]]:
        """The sheet's checksums of each received file, in the order of `received`; absent ones left out."""
        return [
            {column.rpartition("_")[2]: value for column, value in self.stated_sums(role).items()}
            for role in self.received
        ]

    def stated_sums(self, role: str) -> dict[str, str]:
        """Column of the sheet -> checksum, of those that it states of one file."""
        columns = ("md5", "sha256") if role == "file" else (f"{role}_md5", f"{role}_sha256")
        return {column: value for column in columns if (value := getattr(self, column))}


class Parents(Strict):
    """One row of pedigree.tsv: whose child a donor is. A parent of whom nothing was sent in is left out."""

    donor: Id = column("the child, a donor of samples.tsv", "a donor of samples.tsv")
    father: OptionalId = column("its father, if he is a donor of samples.tsv", "a donor of samples.tsv", "")
    mother: OptionalId = column("its mother, if she is a donor of samples.tsv", "a donor of samples.tsv", "")

    @property
    def known(self) -> dict[str, str]:
        """`father` and `mother` -> donor, for those that are named."""
        return {role: donor for role in ("father", "mother") if (donor := getattr(self, role))}


class Waiver(Strict):
    """One row of waivers.tsv: somebody answers for a criterion that was missed. What is waived is delivered, and says
    so; a value never passes by it."""

    proposal: Id = column("the order's proposal", "a proposal of proposals.tsv")
    facility: Id = column("the order's facility", "a facility of that order")
    service: Id = column("the order's service", "a service of that order")
    sample: OptionalId = column(
        "the sample; nothing for a metric of the whole order", "a sample of that order, or nothing", ""
    )
    metric: Text = column("the criterion that is waived", "a metric of the service's acceptance criteria")
    by: Text = column("who answers for it, as the report names them", "a name")
    date: CalendarDay = column("when it was decided", DAY)
    reason: Text = column("why, as the report states it", "a reason")

    @property
    def order(self) -> tuple[str, str, str]:
        """Proposal, facility and service."""
        return self.proposal, self.facility, self.service


# --- configuration ----------------------------------------------------------------------------------------------------


class SexChromosomes(Strict):
    """The two sex chromosomes where males have one of each."""

    x: Text = column("of which females have two", "a sequence of the FASTA")
    y: Text = column("which females lack", "a sequence of the FASTA")


class Reference(Strict):
    """A reference genome; its indexes are built once and shared by all orders."""

    fasta: Text = column("FASTA, plain or gzip-compressed", PATH)
    allele_frequencies: str = column(
        "VCF of common biallelic SNPs with INFO/AF: the panel of identity and contamination", PATH, ""
    )
    gtf: str = column("RNA: genes of this genome, GTF or GFF3, plain or gzip-compressed", PATH, "")
    transcripts: str = column(
        "RNA: FASTA of the transcripts of `gtf`, by their transcript_id (default: cut out of the genome)", PATH, ""
    )
    rrna: str = column(
        "RNA: BED of the ribosomal RNA on this genome (default: the genes of `gtf` whose biotype says so)", PATH, ""
    )
    ploidy: Annotated[int, Field(ge=1)] = column(
        "copies of each chromosome; 1 for haploid organisms", "a whole number from 1", 2
    )
    # Absent, not empty: what known assemblies have is filled in for absent keys alone.
    sex_chromosomes: SexChromosomes | None = column(
        "known for GRCh37, GRCh38 and T2T-CHM13", "{x: chrX, y: chrY}", None
    )
    par: list[Region] | None = column(
        "pseudoautosomal regions of X, of which males have two copies, and of Y, where nothing is aligned or called"
        " (found where Y repeats those of X to the letter); known for GRCh37, GRCh38 and T2T-CHM13",
        "a list of regions as [chrX:10001-2781479, chrY:10001-2781479]",
        None,
    )
    haploid: list[str] | None = column(
        "sequences of which everybody has one copy; chrM and MT are known", "a list of sequences of the FASTA", None
    )

    @property
    def annotation(self) -> tuple[str, ...]:
        """The annotation and what belongs to it, '' for what there is not; () without one."""
        return (self.gtf, self.transcripts, self.rrna) if self.gtf else ()

    @property
    def copies(self) -> dict[str, Any]:
        """What it says of copies, for `karyotype.karyotype`."""
        return self.model_dump(include={"ploidy", "sex_chromosomes", "par", "haploid"})


class Database(Strict):
    """A database of marker sequences, by which communities are classified."""

    fasta: Text = column(
        "FASTA whose headers say the taxonomy (SINTAX, UTAX, QIIME, DADA2 or SILVA), plain or gzip-compressed", PATH
    )


class Call(Strict):
    """An open-access call, as its packages speak of it."""

    acknowledgement: str = column("what papers with data of this call must say", "a sentence", "")


class Contact(Strict):
    """Who is asked."""

    name: Text = column("name of the contact", "a name")
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] = column(
        "e-mail address", "an e-mail address"
    )
    url: Address | None = column("web page", ADDRESS, None)


class Period(Strict):
    """From a day on, to a day, or both."""

    start: Day = column("first day", DAY, None)
    end: Day = column("last day", DAY, None)

    @model_validator(mode="after")
    def _lasts(self) -> Period:
        if not (self.start or self.end) or (self.start and self.end and self.end < self.start):
            raise ValueError(f"from {self.start or 'no day'} to {self.end or 'no day'}")
        return self


class Record(Strict):
    """What a catalogue of health data is told of a dataset that no sheet says (HealthDCAT-AP)."""

    hdab: Contact | None = column(
        "health data access body: who decides on access; until the country has one, who controls the data",
        "{name, email, url}",
        None,
    )
    provenance: str = column("how the data came about: collected by whom, from whom, for what", "a text", "")
    population_coverage: str = column("whom the data are about", "a text", "")
    purpose: list[Address] = column(
        "what the data were collected for, as https://w3id.org/dpv#AcademicResearch", ADDRESSES, []
    )
    personal_data: list[Address] = column(
        "kinds of personal data, as https://w3id.org/dpv/dpv-pd#Genetic", ADDRESSES, []
    )
    legal_basis: list[Address] = column("legal basis, as https://w3id.org/dpv#Consent", ADDRESSES, [])
    retention_period: Period | None = column("from when to when the data can be had", "{start: day, end: day}", None)
    spatial: list[Address] = column(
        "where the data are from, as http://publications.europa.eu/resource/authority/country/ITA", ADDRESSES, []
    )
    health_theme: list[Address] = column("diseases or fields, as http://www.wikidata.org/entity/Q12136", ADDRESSES, [])
    quality_annotation: list[Address] = column("statements or certificates of the data's quality", ADDRESSES, [])
    conforms_to: list[Literal["ExternallyGoverned", "1MGCompliant", "1MGCohort"]] = column(
        "what the dataset claims to be", "ExternallyGoverned, 1MGCompliant, 1MGCohort", []
    )

    @property
    def missing(self) -> list[str]:
        """What nobody filled in, but for claims that a dataset may do without."""
        return [name for name in Record.model_fields if name != "conforms_to" and not getattr(self, name)]

    @property
    def told(self) -> dict[str, Any]:
        """Fields of `dcat.Description`."""
        own = {name: getattr(self, name) for name in Record.model_fields}
        plain = {
            name: value.model_dump(mode="json") if isinstance(value, Strict) else value for name, value in own.items()
        }
        return plain | {"missing": self.missing}


class Partition(Strict):
    """A partition of a cluster, with what it takes; a job goes to the one that fits it best."""

    max_runtime: Annotated[int, Field(ge=1)] | None = column("longest job", "minutes", None)
    max_mem_mb: Annotated[int, Field(ge=400)] | None = column("largest memory of a job", "MB", None)
    max_threads: Annotated[int, Field(ge=1)] | None = column("most cores of a job", "a whole number", None)


class Cluster(Strict):
    """Who pays for jobs on a Slurm cluster, and where they may go."""

    account: OptionalId = column(
        "account, where the cluster keeps accounts (default: the operator's own)", "a name", ""
    )
    partitions: dict[Id, Partition] = column(
        "partitions that jobs may go to, each with its limits (default: the cluster's own default)",
        "name: {max_runtime: minutes, max_mem_mb: MB, max_threads: cores}, each limit if there is one",
        {},
    )


def _hook(url: str) -> str:
    # Runs keep a copy of config.yaml. An address that is a secret itself stands in a variable of the environment.
    plain = re.fullmatch(r"http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/\S*)?", url)
    if not plain and not re.fullmatch(r"\$[A-Z][A-Z0-9_]*|https://[^@\s?]+", url):
        raise ValueError("another kind of address, or one with a password or a query")
    return url


class Mail(Strict):
    """Whom to tell by e-mail."""

    host: Text = column("mail server", "a host's name")
    port: Annotated[int, Field(ge=1, le=65535)] = column("its port", "a number", 587)
    tls: Literal["starttls", "tls", "none"] = column(
        "how the connection is secured; `none` takes no password", "starttls, tls or none", "starttls"
    )
    user: str = column("login; the password is in FILIERA_SMTP_PASSWORD", "a name", "")
    sender: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")] = column("from whom", "an e-mail address")
    to: Annotated[list[Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]], Field(min_length=1)] = column(
        "to whom", "a list of e-mail addresses"
    )

    @model_validator(mode="after")
    def _safe(self) -> Mail:
        if self.user and self.tls == "none":
            raise ValueError("a login over a connection that is not secured")
        return self


class Notify(Strict):
    """How somebody is told of a run's first failure and of its end, and by `./filiera due --tell` of what is due."""

    command: list[Text] = column(
        "program and its arguments; it is given the news as JSON on its input",
        "a list as [/usr/local/bin/tell, lab]",
        [],
    )
    mail: Mail | None = column("e-mail", "{host, sender, to, ...}", None)
    webhook: Annotated[str, AfterValidator(_hook)] | None = column(
        "address to which the news is posted as JSON, or $NAME, the variable of the environment that holds it; a token"
        " in FILIERA_WEBHOOK_TOKEN goes with it",
        "an address as https://example.org/hook without a password or query, or $NAME",
        None,
    )
    events: list[Literal["first_failure", "end", "due"]] = column(
        "of what is told", "a list of first_failure, end, due", ["first_failure", "end", "due"]
    )


class Config(Strict):
    """config.yaml: what belongs to the installation and to no sheet."""

    references: Annotated[dict[Id, Reference], BeforeValidator(lambda value: {} if value is None else value)] = column(
        "references by the name that samples.tsv uses", "name: {fasta: path}", {}
    )
    databases: dict[Id, Database] = column(
        "marker databases by the name that recipes of communities use", "name: {fasta: path}", {}
    )
    calls: dict[str, Call] = column(
        "calls by the name that proposals.tsv uses", "name: {acknowledgement: a sentence}", {}
    )
    private_names: PrivatePath = column(
        "table of original sample names and their pseudonyms, written at reception; it never leaves the facility, and"
        " packages are searched for its names",
        f"{PATH}, outside of {', '.join(sorted(LEAVING))}",
        "private/reception_keys.tsv",
    )
    ordinary_words: dict[Word, Text] = column(
        "words that tell of nobody here, although a sender calls samples so, each with the reason; packages are not"
        " searched for names that consist of such words alone, and `check` says which these are",
        "word: reason, the word in small letters, as citrate: a compound that reports name",
        {},
    )
    ledger: LedgerUrl = column(
        "PostgreSQL database that holds the ledger, for sites with several operators (default: SQLite in `ledger/`);"
        " the password is in PGPASSWORD or ~/.pgpass",
        "an address as postgresql+psycopg://user@host/database, without a password",
        "",
    )
    signing_key: PrivatePath = column(
        "the facility's Ed25519 key, which signs deletion certificates; `./filiera ledger --make-key` makes it",
        f"{PATH}, outside of {', '.join(sorted(LEAVING))}",
        "private/signing_key.pem",
    )
    received: list[ReceivingPath] = column(
        "folders in which received files arrive: in these alone a purge deletes what runs.tsv names (default: wherever"
        f" runs.tsv names it outside of {', '.join(sorted(KEPT))}, and `./filiera check` asks for the folders)",
        f"folders of the site as [incoming], none of {', '.join(sorted(KEPT))}",
        [],
    )
    backups: list[Text] = column(
        "snapshots and backups that may still hold what is deleted; deletion certificates name them",
        "a list of texts as [nightly tape backup, kept 90 days]",
        [],
    )
    records: dict[Id, Record] = column(
        "what catalogues of health data are told of a proposal's datasets, laid over its facility's `record`",
        "{proposal: {key: value}}",
        {},
    )
    notify: Notify = column(
        "who is told of runs and of what is due, and how", "{command, mail, webhook, events}", Notify()
    )
    cluster: Cluster = column(
        "account and partitions, for `--profile slurm`", "{account: name, partitions: {name: {}}}", Cluster()
    )


class Facility(Strict):
    """facilities.yaml: who delivers, and whom the scientist asks."""

    name: Text = column("full name", "a name")
    contact: Text = column("e-mail address on packages and reports", "an e-mail address")
    url: str = column("web page", "an address", "")
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = column(
        "country, in the ids of datasets", "two letters of ISO 3166, as IT", "IT"
    )
    logo: str = column("picture at the head of its reports (PNG, SVG or JPEG)", PATH, "")
    text: str = column("what its reports say of it, under their heads", "a few sentences", "")
    ror: str = column("Research Organization Registry id", "an address", "")
    acknowledgement: str = column(
        "what papers with its data must say, where the call has no words of its own", "a sentence", ""
    )
    time_zone: Zone = column("time zone in which retention is counted", "a zone as Europe/Rome", "Europe/Rome")
    record: Record = column("what catalogues of health data are told of its datasets", "see below", Record())


def is_human(organism: str) -> bool:
    return re.sub(r"\s+", " ", organism.strip()).casefold() in HUMAN

"""RO-Crate 1.1 by the Workflow Run Crate profile 0.5: what was made of what, by which software, with which settings.

Its root is the payload `data/`; as it is part of the payload, it lists what was accepted and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rocrate.model import ContextEntity, File
from rocrate.rocrate import ROCrate

from scripts.lib.tagging import FIELDS

FILE = "ro-crate-metadata.json"
WORKFLOW = "00-Reports/workflow/Snakefile"  # in data/
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
TERMS = "https://w3id.org/ro/terms/workflow-run/context"
EDAM = "http://edamontology.org/"

Row = Mapping[str, str]


def metadata(
    order: Mapping,
    rows: Sequence[Row],
    inputs: Sequence[Row],
    parameters: Mapping[str, str],
    software: Mapping[str, str],
) -> dict:
    """The JSON-LD of a package's payload.

    order       the plan's facts of the order, with `date`, the day that stands for the whole (ISO 8601)
    rows        the delivered files as the manifest lists them, but for what describes the package; paths in `data/`
    inputs      received files: `name` as delivered, `sha256` as received, `sample`, `run`
    parameters  name -> value of what was set
    software    tool -> version; `filiera` among them is the workflow's own
    """
    crate = ROCrate(version="1.1")
    crate.metadata.extra_contexts.append(TERMS)
    facility = _facility(crate, order)
    files = {row["path"]: _file(crate, row) for row in rows}
    workflow = _workflow(crate, files[f"data/{WORKFLOW}"], facility, software)
    received = [_input(crate, one, files) for one in inputs]
    settings = [_setting(crate, workflow, name, value) for name, value in parameters.items()]
    _parameter(crate, workflow, "input", "received", "File", [one for one in received if isinstance(one, File)])
    others = [one for one in received if not isinstance(one, File)]
    _parameter(crate, workflow, "input", "received-digests", "PropertyValue", others)
    results = [
        files[row["path"]] for row in rows if files[row["path"]] not in received and row["path"] != f"data/{WORKFLOW}"
    ]
    _parameter(crate, workflow, "output", "delivered", "File", results)
    action = _entity(
        crate,
        "#run",
        "CreateAction",
        name=f"{order['service_title']} for proposal {order['proposal']}",
        description="What was received was checked, analysed, judged and packaged.",
        instrument=workflow,
        agent=facility,
        object=[*received, *settings],
        result=results,
        actionStatus={"@id": "http://schema.org/CompletedActionStatus"},
    )
    _root(crate, order, facility, workflow, action)
    return crate.metadata.generate()


def _entity(crate: ROCrate, identifier: str, kind: str | list[str], **properties) -> ContextEntity:
    """A contextual entity; properties without a value are left out."""
    entity = crate.add(ContextEntity(crate, identifier, properties={"@type": kind}))
    for name, value in properties.items():
        if value:
            entity[name] = _single(value)
    return entity


def _single(value):
    """RO-Crate 1.1 writes a list of one as the one."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _facility(crate: ROCrate, order: Mapping) -> ContextEntity:
    contact = _entity(
        crate,
        f"mailto:{order['contact']}",
        "ContactPoint",
        contactType="facility",
        email=order["contact"],
    )
    identifier = order["ror"] or order["url"] or f"#{order['facility']}"
    return _entity(
        crate,
        identifier,
        "Organization",
        name=order["facility_name"],
        alternateName=order["facility"],
        url=order["url"],
        contactPoint=contact,
    )


def _file(crate: ROCrate, row: Row) -> File:
    properties = {
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"]
        if row["path"] == f"data/{WORKFLOW}"
        else "File",
        "name": row["path"].rsplit("/", 1)[-1],
        "description": row["deliverable"],
        "contentSize": str(row["size"]),
        "sha256": row["sha256"],
        "encodingFormat": [row["format"], {"@id": EDAM + row["edam"]}] if row["edam"] else row["format"],
    }
    file = crate.add(File(crate, dest_path=row["path"].removeprefix("data/"), properties=properties))
    if row["sample"]:
        file["about"] = _tag(crate, "sample", row["sample"])
    return file


def _tag(crate: ROCrate, field: str, value: str) -> ContextEntity:
    identifier = f"#{field}-{value}"
    return crate.dereference(identifier) or _entity(crate, identifier, "PropertyValue", name=field, value=value)


def _workflow(crate: ROCrate, file: File, facility: ContextEntity, software: Mapping[str, str]) -> File:
    """The front door of the workflow, and the tools behind it."""
    language = _entity(
        crate,
        "https://w3id.org/workflowhub/workflow-ro-crate#snakemake",
        "ComputerLanguage",
        name="Snakemake",
        url={"@id": "https://snakemake.readthedocs.io"},
        version=software.get("snakemake", ""),
    )
    tools = [
        _entity(crate, f"#tool-{tool}", "SoftwareApplication", name=tool, softwareVersion=version)
        for tool, version in sorted(software.items())
        if tool not in ("filiera", "snakemake")
    ]
    for name, value in {
        "name": "Filiera",
        "description": "The front door of the workflow; the version says the rest.",
        "programmingLanguage": language,
        "version": software["filiera"],
        "sdPublisher": facility,
        "hasPart": tools,
    }.items():
        if value:
            file[name] = _single(value)
    return file


def _input(crate: ROCrate, received: Row, files: Mapping[str, File]) -> File | ContextEntity:
    """A received file: the delivered one, if it is the same to the byte, else its digest under the same name."""
    path = f"data/{received['sample']}/received/{received['name']}"
    if path in files and files[path]["sha256"] == received["sha256"]:
        return files[path]
    return _entity(
        crate,
        f"#received-{received['name']}",
        "PropertyValue",
        name=f"{received['name']} as received",
        propertyID=f"{TERMS.removesuffix('/context')}#sha256",
        value=received["sha256"],
        about=_tag(crate, "sample", received["sample"]),
    )


def _setting(crate: ROCrate, workflow: File, name: str, value: str) -> ContextEntity:
    setting = _entity(crate, f"#setting-{name}", "PropertyValue", name=name, value=str(value))
    _parameter(crate, workflow, "input", name, "Text", [setting])
    return setting


def _parameter(crate: ROCrate, workflow: File, side: str, name: str, kind: str, examples: list) -> None:
    """What the workflow takes or gives (`side` input or output), with what it was in this run, if it was anything."""
    if not examples:
        return
    parameter = _entity(
        crate, f"#{side}-{name}", "FormalParameter", name=name, additionalType=kind, workExample=examples
    )
    for example in examples:
        example["exampleOfWork"] = parameter
    workflow.append_to(side, parameter)


def _root(crate: ROCrate, order: Mapping, facility: ContextEntity, workflow: File, action: ContextEntity) -> None:
    terms = _entity(
        crate,
        "#terms",
        "CreativeWork",
        name=f"Service agreement of proposal {order['proposal']}",
        description="These data may be used as the service agreement"
        + (f" and its terms of data use ({order['duo']}) say." if order["duo"] else " says."),
    )
    root = crate.root_dataset
    for name, value in {
        "name": f"{order['service_title']} for proposal {order['proposal']}",
        "description": f"{order['title']} ({order['call']})",
        "datePublished": order["date"],
        "license": terms,
        "publisher": facility,
        "identifier": [_tag(crate, field, order[field]) for field in FIELDS[:3]],
        "conformsTo": [
            _entity(crate, url, "CreativeWork", name=title, version=url.rsplit("/", 1)[1])
            for url, title in PROFILES.items()
        ],
        "mainEntity": workflow,
        "mentions": action,
    }.items():
        root[name] = value

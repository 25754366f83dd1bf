"""The sections of an order's report that are told rather than plotted: what was asked, what it means, the acceptance
table, how it was done, what is in the package. Each function returns MultiQC custom content of type html."""

from __future__ import annotations

import jinja2
import markdown

from scripts.lib.deliverables import contents
from scripts.report import words

_WORDS = {"amount": words.amount, "asked": words.asked}
_ENVIRONMENT = jinja2.Environment(
    autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
)

ASKED = """
<div class="fl">
<p>Proposal <b>{{ facts.proposal }}</b>, <i>{{ facts.title }}</i>, answers the call {{ facts.call }}. It was awarded
<b>{{ facts.service_title }}</b> ({{ facts.service }}) at {{ facts.facility_name }} ({{ facts.facility }}).</p>
<table><tr><th>Sample</th><th>Role</th><th>Runs</th></tr>
{% for one in facts.samples %}
<tr><td>{{ one.sample }}</td><td>{{ one.role }}</td><td>{{ one.runs }}</td></tr>
{% endfor %}
{% for sample, why in facts.absent.items() %}
<tr><td>{{ sample }}</td><td colspan="2">not in this version: {{ why }}</td></tr>
{% endfor %}
</table></div>
"""
MEANS = """
<div class="fl"><p class="fl-outcome">{{ outcome }}</p>
<ul class="list-unstyled">
{% for verdict, sentence in findings %}
<li><span class="verdict verdict-{{ verdict }}">{{ verdict }}</span> {{ sentence }}</li>
{% endfor %}
{% for sentence in missing %}
<li>{{ sentence }}</li>
{% endfor %}
</ul></div>
"""
#: Up to so many samples stand side by side, a row a criterion; more stand below each other, a column a criterion.
SIDE_BY_SIDE = 6
ACCEPTANCE = """
{% macro heading(one) %}
{{ one.title }}<br><span class="small">{{ asked(one) }}, else {{ one.severity }}
{%- if one.get("unmeasured") %}; not measured: {{ one.unmeasured }}{% endif %}</span>
{% endmacro %}
{% macro cells(judgements) %}
{% for one in judgements %}
<td class="value">{% if one %}{{ amount(one.value, one.unit) }}
<span class="verdict verdict-{{ one.verdict }}">{{ one.verdict }}</span>{% endif %}</td>
{% endfor %}
{% endmacro %}
{% macro rows_of_criteria(columns, rows) %}
<table><tr><th>Criterion</th>{% for column in columns %}<th>{{ column }}</th>{% endfor %}</tr>
{% for criterion, judgements in rows %}
<tr><td>{{ heading(criterion) }}</td>{{ cells(judgements) }}</tr>
{% endfor %}
</table>
{% endmacro %}
<div class="fl fl-wide">
{% if of_samples and samples|length <= side_by_side %}
{{ rows_of_criteria(samples, of_samples) }}
{% elif of_samples %}
<table><tr><th>Sample</th>{% for criterion, _ in of_samples %}<th>{{ heading(criterion) }}</th>{% endfor %}</tr>
{% for sample in samples %}
<tr><td>{{ sample }}</td>{{ cells(of_samples|map(attribute="1." ~ loop.index0)) }}</tr>
{% endfor %}
</table>
{% endif %}
{% if of_order %}
{{ rows_of_criteria(["Whole order"], of_order) }}
{% endif %}
</div>
<div class="fl">
<ul>
{% for one, _ in of_samples + of_order %}
<li><b>{{ one.title }}</b> (<code>{{ one.metric }}</code>): {{ one.definition }}.
<span class="small">Threshold: {{ one.source }}.</span></li>
{% endfor %}
</ul></div>
"""
PACKAGE = """
<div class="fl fl-wide">
<table><tr><th>What</th><th>Format</th><th>Where</th></tr>
{% for name, formats, where in contents %}
<tr><td><b>{{ name }}</b>: {{ meaning[name] }}</td><td>{{ formats }}</td><td><code>{{ where }}/</code></td></tr>
{% endfor %}
</table>
<p><code>manifest.tsv</code> lists every file with its size, SHA-256 and sample.</p></div>
"""


def _section(name: str, title: str, template: str, description: str = "", **values) -> dict:
    html = _ENVIRONMENT.from_string(template, globals=_WORDS).render(**values)
    about = {"description": description} if description else {}
    return {"id": name, "section_name": title, "plot_type": "html", "data": html, **about}


def asked(facts: dict) -> dict:
    """The proposal, the service and the samples."""
    return _section("asked", "What was asked", ASKED, facts=facts)


def means(summary: dict, facts: dict) -> dict:
    """How many samples were accepted, and a sentence for each criterion."""
    roles = {one["sample"]: one["role"] for one in facts["samples"]}
    values = {"outcome": words.outcome(summary, roles), "findings": words.findings(summary)}
    return _section("means", "What it means", MEANS, **values, missing=words.missing(facts["absent"]))


def acceptance(summary: dict) -> dict:
    """Every judgement with its value and verdict, and the definition and source of each criterion."""
    judged: dict[str, dict[str, dict]] = {}
    for one in summary["criteria"]:
        judged.setdefault(one["metric"], {})[one["sample"]] = one
    samples = list(dict.fromkeys(one["sample"] for one in summary["criteria"] if one["sample"]))
    rows = {"sample": [], "order": []}
    for found in judged.values():
        criterion = next(iter(found.values()))
        columns = [""] if criterion["of"] == "order" else samples
        rows[criterion["of"]].append((criterion, [found.get(column) for column in columns]))
    description = (
        "Every criterion that the service's catalogue entry sets. fail: not delivered; warn: delivered with this"
        " warning; waived: missed, and delivered because somebody answers for it. The same as a table:"
        " <code>acceptance.tsv</code> and <code>acceptance.json</code> beside this report."
    )
    values = {"samples": samples, "of_samples": rows["sample"], "of_order": rows["order"]}
    return _section("acceptance", "Acceptance", ACCEPTANCE, description, **values, side_by_side=SIDE_BY_SIDE)


def methods(text: str) -> dict:
    """methods.md, without its own title."""
    html = markdown.markdown(text.partition("\n")[2], extensions=["tables"])
    # Headings would become sections of their own in the navigation.
    html = html.replace("<h2>", "<p><b>").replace("</h2>", "</b></p>")
    about = "Ready to paste into a paper; the same text is <code>methods.md</code> beside this report."
    data = f'<div class="fl">{html}</div>'
    return {"id": "methods", "section_name": "How it was done", "plot_type": "html", "description": about, "data": data}


def package(payload: list[dict[str, str]], meanings: dict[str, str]) -> dict:
    """What is delivered, and where it lies."""
    return _section("package", "What is in the package", PACKAGE, contents=contents(payload), meaning=meanings)

"""The sections of an order's report that are told rather than plotted: what was asked, what it means, the acceptance
table, how it was done, what is in the package. Each function returns MultiQC custom content of type html."""

from __future__ import annotations

import jinja2
import markdown

from scripts.lib.deliverables import MEANING, contents
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
ACCEPTANCE = """
<div class="fl fl-wide">
{% macro cell(one) %}
{% if one %}
{{ amount(one.value, one.unit) }} <span class="verdict verdict-{{ one.verdict }}">{{ one.verdict }}</span>
{% endif %}
{% endmacro %}
{% macro criterion(one) %}
{{ one.title }}<br><span class="small">{{ asked(one) }}, else {{ one.severity }}</span>
{% endmacro %}
{% if of_samples %}
<table><tr><th>Sample</th>{% for one in of_samples %}<th>{{ criterion(one) }}</th>{% endfor %}</tr>
{% for sample, judged in samples.items() %}
<tr><td>{{ sample }}</td>
{% for one in of_samples %}<td class="value">{{ cell(judged.get(one.metric)) }}</td>{% endfor %}
</tr>
{% endfor %}
</table>
{% endif %}
{% if of_order %}
<table><tr><th>Whole order</th><th>Value</th></tr>
{% for one in of_order %}
<tr><td>{{ criterion(one) }}</td><td class="value">{{ cell(one) }}</td></tr>
{% endfor %}
</table>
{% endif %}
<table><tr><th>Criterion</th><th>Name</th><th>Definition</th><th>Threshold from</th></tr>
{% for one in of_samples + of_order %}
<tr><td>{{ one.title }}</td><td><code>{{ one.metric }}</code></td><td>{{ one.definition }}</td><td>{{ one.source }}</td>
</tr>
{% endfor %}
</table></div>
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
    """A row a sample, a column a criterion; criteria on the whole order below."""
    samples: dict[str, dict] = {}
    for one in summary["criteria"]:
        if one["sample"]:
            samples.setdefault(one["sample"], {})[one["metric"]] = one
    criteria = {one["metric"]: one for one in summary["criteria"]}.values()
    of = {kind: [one for one in criteria if one["of"] == kind] for kind in ("sample", "order")}
    description = (
        "Every criterion that the service's catalogue entry sets. fail: not delivered; warn: delivered with this"
        " warning; waived: missed, and delivered because somebody answers for it. The same as a table:"
        " <code>acceptance.tsv</code> and <code>acceptance.json</code> beside this report."
    )
    values = {"samples": samples, "of_samples": of["sample"], "of_order": of["order"]}
    return _section("acceptance", "Acceptance", ACCEPTANCE, description, **values)


def methods(text: str) -> dict:
    """methods.md, without its own title."""
    html = markdown.markdown(text.partition("\n")[2], extensions=["tables"])
    # Headings would become sections of their own in the navigation.
    html = html.replace("<h2>", "<p><b>").replace("</h2>", "</b></p>")
    about = "Ready to paste into a paper; the same text is <code>methods.md</code> beside this report."
    data = f'<div class="fl">{html}</div>'
    return {"id": "methods", "section_name": "How it was done", "plot_type": "html", "description": about, "data": data}


def package(payload: list[dict[str, str]]) -> dict:
    """What is delivered, and where it lies."""
    return _section("package", "What is in the package", PACKAGE, contents=contents(payload), meaning=MEANING)

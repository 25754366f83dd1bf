# Jobs that Slurm does not start, or ends. Each tells by a line below marks/ that it was begun.

import os
import sys

sys.path.insert(0, os.environ["CHECKOUT"])
from scripts.lib.plan.needs import needs


# Half an hour and half an hour, submitted together, are an hour.
rule first:
    output:
        "{name}.first",
    log:
        "logs/{name}.first.log",
    group:
        "pair"
    resources:
        mem_mb=needs(400),
        runtime=needs(30),
    shell:
        "touch {output} 2> {log}"


rule second:
    input:
        "{name}.first",
    output:
        "{name}.second",
    log:
        "logs/{name}.second.log",
    group:
        "pair"
    resources:
        mem_mb=needs(400),
        runtime=needs(30),
    shell:
        "touch {output} 2> {log}"


rule alone:
    output:
        "alone.done",
    log:
        "logs/alone.log",
    resources:
        mem_mb=needs(400),
        runtime=needs(60),
    shell:
        "touch {output} 2> {log}"


# It needs two minutes; with one it is ended.
rule slow:
    output:
        "slow.done",
    log:
        "logs/slow.log",
    resources:
        mem_mb=needs(400),
        runtime=needs(1),
    shell:
        "echo {resources.runtime} >> marks/slow;" " [ {resources.runtime} -ge 2 ] || sleep 300; touch {output} 2> {log}"


rule sleeping:
    output:
        "sleeping.done",
    log:
        "logs/sleeping.log",
    group:
        "asleep"
    resources:
        mem_mb=needs(400),
        runtime=needs(1),
    shell:
        "echo {resources.runtime} >> marks/sleeping; sleep 300; touch {output} 2> {log}"


rule hungry:
    output:
        "hungry.done",
    log:
        "logs/hungry.log",
    group:
        "starving"
    resources:
        mem_mb=needs(400),
        runtime=needs(20),
    shell:
        "echo {resources.mem_mb} >> marks/hungry;"
        " python -c 'x = b\"x\" * 1_500_000_000; import time; time.sleep(300)' 2> {log}; touch {output}"


rule lost:
    output:
        "lost.done",
    log:
        "logs/lost.log",
    group:
        "astray"
    resources:
        mem_mb=needs(400),
        runtime=needs(20),
    shell:
        "echo $SLURM_JOB_ID $SLURMD_NODENAME >> marks/lost; sleep 300; touch {output} 2> {log}"

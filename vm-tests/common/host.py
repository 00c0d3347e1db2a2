# What every scenario reads of a host, in front of its own script.
import json


def verdicts(host):
    """The six verdicts as the agent sees them now: exit 0 compliant, 1 drift, 2 unknown."""
    _, output = host.execute("compliance-agent check --json")
    return {state["check"]: state["verdict"] for state in json.loads(output)}


def findings(host, check):
    """Rules that the agent found broken in one check."""
    _, output = host.execute(f"compliance-agent check {check} --json")
    return [
        finding["rule"]
        for state in json.loads(output)
        if state["check"] == check
        for finding in state["findings"]
    ]



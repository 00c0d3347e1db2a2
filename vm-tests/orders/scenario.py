"""Drift → request → an operator signs elsewhere → deferred until the window, then obeyed and receipted, and never
twice.
"""

CONFIG = "/etc/compliance-agent/config.yaml"
# Seconds: an uploader with an empty queue asks for orders every half minute.
PATIENCE = 90


def change_settings(host, **fields):
    settings = json.loads(host.succeed(f"cat {CONFIG}"))
    host.succeed(f"rm {CONFIG}")
    write(host, CONFIG, json.dumps({**settings, **fields}))


def closed_window(host):
    """Two hours that begin twelve hours from now."""
    hour = int(host.succeed("date -u +%H"))
    return f"{(hour + 12) % 24:02}:00-{(hour + 14) % 24:02}:00"


def requested():
    orders = json.loads(as_server(server, "orders list --state requested --host clinic-1 --json"))
    return orders[0]["order_id"] if orders else None


def is_deferred(host):
    plans = json.loads(host.succeed("compliance-agent plan --json"))
    steps = [(plan["check"], plan["step"], plan.get("reason")) for plan in plans]
    return ("patching", "defer", "outside_window") in steps


def refuse(envelope):
    answer = hand_over(clinic, envelope)
    holds(not answer["ran"] and answer["error"]["params"].get("reason") == "order replayed", answer)


start_all()
make_authority(operator)
serve(operator, server, clinic)
good, other = systems(clinic)["good"], systems(clinic)["other"]
change_settings(clinic, maintenance_window=closed_window(clinic))
enrol(operator, server, clinic, "clinic-1")

with subtest("Drift is a request at the server"):
    until("compliant to begin with", lambda: is_compliant(clinic, "patching"))
    clinic.succeed(f"{other}/bin/switch-to-configuration switch")
    order = until("a request", requested, PATIENCE)
    print(order)

with subtest("Exported, signed where the key is, imported"):
    write(operator, "/var/tmp/draft.json", as_server(server, f"orders export {order}"))
    signed = operator.succeed(f"compliance-server orders sign --key {KEYS}/operator.key < /var/tmp/draft.json")
    write(server, "/var/tmp/signed.json", signed)
    as_server(server, "orders import /var/tmp/signed.json")
    server.fail(f"ls {KEYS}/operator.key")

with subtest("Outside the window the agent defers it, and so does root when it is handed over"):
    until("the agent has the order and defers it", lambda: is_deferred(clinic), PATIENCE)
    listed = clinic.succeed("compliance-agent orders list")
    print(listed)
    holds(" approved " in listed and " patching " in listed, listed)
    answer = hand_over(clinic, signed)
    holds(not answer["ran"] and answer["outcome"] == "deferred", answer)
    holds(generation(clinic)["running"] == other, "nothing was switched meanwhile")

with subtest("The window opens: obeyed, healed, and evidence that names the order"):
    change_settings(clinic, allow_disruptive_outside_window=True)
    clinic.succeed("systemctl reload compliance-agent")

    def obeyed():
        return [one for one in bundles(clinic, "patching") if one["order_id"] == order]

    bundle = until("obeyed and proved", obeyed, PATIENCE)[0]
    holds(bundle["outcome"] == "success", (bundle["outcome"], bundle["error"]))
    holds(is_whole(clinic, good), "the accepted generation runs")

with subtest("The server receipted that evidence and lists the order as done"):
    receipt = f"ls {EVIDENCE}/*/*/*/{bundle['bundle_id']}/receipt.sig"
    until("a receipt", lambda: clinic.execute(receipt)[0] == 0, PATIENCE)
    until("done at the server", lambda: order in as_server(server, "orders list --state done --json"), PATIENCE)

with subtest("The same order again: refused by root and by the server"):
    refuse(signed)
    server.fail(as_user("compliance-server", "compliance-server orders import /var/tmp/signed.json"))

with subtest("After the agent's own database was wiped: refused"):
    clinic.succeed(
        "systemctl stop compliance-agent",
        "find /var/lib/compliance-agent/ -mindepth 1 ! -name signing.key -delete",
        "systemctl start compliance-agent",
    )
    until("a new database", lambda: bundles(clinic, "patching"))
    refuse(signed)

with subtest("A broken-into server offers the spent order to that agent: root refuses it, and that is evidence"):
    debian_only(server, "the server's database is opened by its own library, whose place is known here")
    library = "/opt/compliance-agent/node_modules/better-sqlite3"
    ask = f"require('{library}')(process.argv[1]).exec(process.argv[2])"
    offer = "UPDATE orders SET state = 'approved'"
    server.succeed(
        "systemctl stop compliance-server",
        as_user("compliance-server", f'node -e "{ask}" /var/lib/compliance-server/server.db "{offer}"'),
        "systemctl start compliance-server",
    )
    clinic.succeed(f"{other}/bin/switch-to-configuration switch")

    def rejected():
        return [one for one in bundles(clinic, "order") if one["outcome"] == "rejected"]

    bundle = until("a rejection in evidence", rejected, 2 * PATIENCE)[0]
    print(bundle["order_id"], bundle["runbook_id"], bundle["error"])
    holds(bundle["order_id"] == order, "it names the order")
    holds(bundle["error"] == {"code": "rejected", "params": {"reason": "order replayed"}}, bundle["error"])
    holds(generation(clinic)["running"] == other, "nothing was switched")
    evidence_verifies(clinic)

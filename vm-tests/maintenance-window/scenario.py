"""A remedy waits for the maintenance window of its time zone and for a clock that is right; root sees to both itself."""

CONFIG = "/etc/compliance-agent/config.yaml"
# Asia/Kolkata has no daylight saving time, so its wall clock is the same sum all year.
AHEAD = 5 * 3600 + 1800
CHRONYC = "/usr/local/bin/chronyc"


def local(seconds):
    return time.strftime("%H:%M", time.gmtime(seconds + AHEAD))


def change_settings(**fields):
    settings = json.loads(clinic.succeed(f"cat {CONFIG}"))
    clinic.succeed(f"rm {CONFIG}")
    write(clinic, CONFIG, json.dumps({**settings, **fields}))


def put_off(reason, after):
    """The bundle about the drift says that its remedy was put off and why; asked directly, root says the same."""

    def seen():
        return [one for one in bundles(clinic, "antivirus")[after:] if one["outcome"] == "deferred"]

    bundle = until(f"put off: {reason}", seen)[0]
    print(bundle["runbook_id"], bundle["error"])
    holds(bundle["error"]["params"] == {"reason": reason}, bundle["error"])
    write(clinic, "/var/tmp/ask.py", HAND_OVER)
    socket = "/run/compliance-agent/remedy/restart_av_service.sock"
    ask = as_user("compliance-agent", f"python3 /var/tmp/ask.py {socket} /dev/null")
    answer = json.loads(until("an answer", lambda: clinic.succeed(ask)))
    holds(not answer["ran"] and answer["error"]["params"] == {"reason": reason}, f"root says {reason}: {answer}")
    holds(clinic.execute("systemctl is-active clinic-av.service")[0] != 0, "the unit is still down")


def healed(after):
    return [one for one in bundles(clinic, "antivirus")[after:] if one["outcome"] == "success"]


start_all()
begun = now(clinic)
change_settings(maintenance_window=f"{local(begun + 12 * 3600)}-{local(begun + 14 * 3600)}")
clinic.succeed("systemctl start clinic-av.service compliance-agent.service")

with subtest("Outside the window: put off by the agent, and by root when it is asked past the agent"):
    until("compliant to begin with", lambda: is_compliant(clinic, "antivirus"))
    clinic.succeed("systemctl stop clinic-av.service")
    put_off("outside_window", 0)

with subtest("The window opens, by the clock on the wall of that zone: healed, and not a moment before"):
    before = len(bundles(clinic, "antivirus"))
    opens = (int(now(clinic) + 15) // 60 + 1) * 60
    change_settings(maintenance_window=f"{local(opens)}-{local(opens + 180)}")
    clinic.succeed("systemctl reload compliance-agent")
    bundle = until("healed once the window is open", lambda: healed(before), 180)[0]
    print(opens, bundle["timestamp_start"], bundle["timestamp_end"])
    holds(seconds_of(bundle["timestamp_start"]) >= opens, "it began within the window")
    clinic.succeed("systemctl is-active clinic-av.service")

with subtest("With the clock off nothing runs that keeps to a time, whenever that is allowed"):
    debian_only(clinic, "the time service of NixOS is a real one, and its clock right")
    before = len(bundles(clinic, "antivirus"))
    clinic.succeed(f"cp {CHRONYC} /var/tmp/chronyc; sed -i 's/,0.000001,/,-6.000001,/' {CHRONYC}")
    change_settings(allow_disruptive_outside_window=True)
    clinic.succeed("systemctl reload compliance-agent; systemctl stop clinic-av.service")
    put_off("clock_off", before)
    clinic.succeed(f"cp /var/tmp/chronyc {CHRONYC}")
    until("healed once the clock is right", lambda: healed(before), 60)

with subtest("The evidence of all of it verifies"):
    evidence_verifies(clinic)

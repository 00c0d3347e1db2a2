# A unit that is easily stopped; the script puts the agent's state onto a small disk before it starts the agent.
{
  globalTimeout = 600;
  nodes.clinic =
    { lib, ... }:
    {
      systemd.services.clinic-av = {
        wantedBy = [ "multi-user.target" ];
        script = "exec sleep infinity";
      };
      services.complianceAgent.baseline.checks.antivirus.units = [ { unit = "clinic-av.service"; } ];
      systemd.services.compliance-agent.wantedBy = lib.mkForce [ ];
    };
}

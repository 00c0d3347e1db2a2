# A unit that is easily stopped stands for the antivirus, and the agent waits for the script to start it.
{ lib, ... }:
{
  systemd.services.clinic-av = {
    wantedBy = [ "multi-user.target" ];
    script = "exec sleep infinity";
  };
  services.complianceAgent.baseline.checks.antivirus.units = [ { unit = "clinic-av.service"; } ];
  systemd.services.compliance-agent.wantedBy = lib.mkForce [ ];
}

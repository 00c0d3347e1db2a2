# Root trusts nobody’s word about the clock: a remedy that waits for the right time asks the time service itself. timesyncd
# answers over the bus, which every remedy may use; chronyd answers over UDP, on this host alone.
{ lib, config, ... }:
let
  cfg = config.services.complianceAgent;
  runs = lib.filterAttrs (id: _: id != "enable_volume_encryption") cfg.remedies;
  waiting = lib.filterAttrs (
    id: { mode, ... }: mode != "auto" || id == "update_to_baseline_generation"
  ) runs;
in
{
  config = lib.mkIf (cfg.enable && config.services.chrony.enable) {
    systemd.services = lib.mapAttrs' (
      id: _:
      lib.nameValuePair "compliance-agent-remedy-${id}@" {
        overrideStrategy = "asDropin";
        restartIfChanged = false;
        unitConfig.X-StopOnRemoval = false;
        path = [ config.services.chrony.package ];
        serviceConfig = {
          PrivateNetwork = false;
          RestrictAddressFamilies = [ "AF_INET" ];
          IPAddressAllow = "localhost";
        };
      }
    ) waiting;
  };
}

# A host that can switch between two generations and whose clock is right by a time server: nothing disruptive runs without.
{
  nodes.time = {
    services.complianceAgent.enable = false;
    services.chrony = {
      enable = true;
      servers = [ ];
      extraConfig = ''
        local stratum 1
        allow all
      '';
    };
    networking.firewall.allowedUDPPorts = [ 123 ];
  };
  nodes.clinic =
    { lib, pkgs, ... }:
    {
      services.chrony = {
        enable = true;
        servers = [ "time" ];
      };
      services.complianceAgent = {
        # A switch in these scripts is somebody's drift, never an administrator's wish.
        acceptLocalSwitch = false;
        settings.allow_disruptive_outside_window = lib.mkDefault true;
      };
      specialisation.other.configuration.environment.etc.generation.text = "other";
      system.preSwitchChecks.clinic = "test ! -e /run/refuse-switch";
      # The test base has no profile: it is made before the agent looks.
      systemd.services.become-generation = {
        before = [
          "compliance-agent-state.service"
          "compliance-agent.service"
        ];
        wantedBy = [ "multi-user.target" ];
        path = [ pkgs.nix ];
        serviceConfig.Type = "oneshot";
        script = "nix-env -p /nix/var/nix/profiles/system --set $(readlink -f /run/booted-system)";
      };
      vmTest.systems = {
        good = "/run/booted-system";
        other = "/run/booted-system/specialisation/other";
      };
    };
}

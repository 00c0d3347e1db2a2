# Generations that a boot loader boots: older, as booted (`good`), and three that an order may name.
{
  imports = [ ../common/generations.nix ];
  globalTimeout = 1200;
  nodes.operator =
    { config, ... }:
    {
      services.complianceAgent.enable = false;
      environment.systemPackages = [ config.services.complianceServer.package ];
    };
  nodes.clinic =
    { lib, pkgs, ... }:
    let
      ofSpecialisation = lib.genAttrs [ "older" "next" "sick" "inhibited" ] (
        name: "/run/booted-system/specialisation/${name}"
      );
    in
    {
      virtualisation = {
        useBootLoader = true;
        useEFIBoot = true;
      };
      boot.loader.systemd-boot.enable = true;
      boot.loader.efi.canTouchEfiVariables = true;
      services.complianceAgent = {
        remedies.update_to_baseline_generation.mode = "auto";
        checks.patching.maxAgeDays = 3650;
        orders.allow = [ "update_to_baseline_generation" ];
        settings = {
          order_keys_file = "/etc/clinic/operators.pem";
          rebuild_health_check_timeout = 15;
        };
      };
      systemd.services.compliance-agent.wantedBy = lib.mkForce [ ];
      systemd.services.unrelated.serviceConfig = {
        Type = "oneshot";
        ExecStart = "${pkgs.coreutils}/bin/false";
      };
      specialisation = {
        older.configuration.environment.etc.generation.text = "older";
        next.configuration.environment.etc.generation.text = "next";
        sick.configuration.systemd.services.ehr = {
          wantedBy = [ "multi-user.target" ];
          script = "sleep 1; exit 1";
        };
        inhibited.configuration.system.switch.inhibitors.clinic = "another";
      };
      vmTest = {
        systems = ofSpecialisation;
        # The path of the system that loader.conf names.
        boot_default = ''
          entry=$(sed -nE 's/^(preferred|default) //p' /boot/loader/loader.conf | head -n 1)
          sed -nE 's|^options init=(.*)/init .*|\1|p' /boot/loader/entries/''${entry%.conf}.conf
        '';
      };
    };
}

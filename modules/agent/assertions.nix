# What cannot work is refused when the host is evaluated, with the lines to write.
{ lib, config, ... }:
let
  cfg = config.services.complianceAgent;
  inherit (cfg) maintenanceWindow mcp;
  isTime = time: builtins.match "([01][0-9]|2[0-3]):[0-5][0-9]" time != null;
  switches = cfg.checks.patching.enable && cfg.remedies.update_to_baseline_generation.mode != "alert";
  missing = lib.filter (name: mcp.${name} == null) [
    "caFile"
    "clientCertFile"
    "clientKeyFile"
  ];
  # Naming a job adds a path to it, and so makes it; one that was declared has a repository.
  unknownJobs = lib.filter (
    job:
    let
      backup = config.services.restic.backups.${job};
    in
    backup.repository == null && backup.repositoryFile == null && backup.environmentFile == null
  ) cfg.restoreTest.jobs;
in
{
  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = cfg.deploymentMode == "reseller" -> cfg.resellerId != null;
        message = ''
          services.complianceAgent.deploymentMode is "reseller", and no reseller is named. Write:
            services.complianceAgent.resellerId = "your-reseller-id";
        '';
      }
      {
        assertion =
          isTime maintenanceWindow.start
          && isTime maintenanceWindow.end
          && maintenanceWindow.start != maintenanceWindow.end;
        message = ''
          services.complianceAgent.maintenanceWindow goes from "${maintenanceWindow.start}" to "${maintenanceWindow.end}";
          expected two different times as HH:MM. Write:
            services.complianceAgent.maintenanceWindow = { start = "02:00"; end = "04:00"; };
        '';
      }
      {
        assertion = switches -> config.system.switch.enable;
        message = ''
          system.switch.enable is off, so no generation can be switched to on this host. Write one of:
            system.switch.enable = true;
            services.complianceAgent.remedies.update_to_baseline_generation.mode = "alert";
        '';
      }
      {
        assertion = mcp.url != null -> missing == [ ];
        message = ''
          services.complianceAgent.mcp.url is set, and mTLS needs more. Write:
          ${lib.concatMapStringsSep "\n" (
            name: "  services.complianceAgent.mcp.${name} = \"/run/secrets/…\";"
          ) missing}
        '';
      }
      {
        assertion = cfg.integrations.webhook.url != null -> cfg.integrations.webhook.secretFile != null;
        message = ''
          services.complianceAgent.integrations.webhook.url is set, and its messages need a secret. Write:
            services.complianceAgent.integrations.webhook.secretFile = "/run/secrets/webhook";
        '';
      }
      {
        assertion = unknownJobs == [ ];
        message = ''
          services.complianceAgent.restoreTest.jobs names what services.restic.backups does not declare: ${lib.concatStringsSep ", " unknownJobs}.
        '';
      }
    ];

    warnings =
      lib.optional
        (cfg.checks.firewall.enable && (cfg.baseline.checks.firewall.backend or null) == "firewalld")
        ''
          services.complianceAgent cannot judge firewalld: the verdict of the check "firewall" will be unknown. Write one of:
            networking.firewall.backend = "nftables";  # with services.firewalld.enable = false
            services.complianceAgent.checks.firewall.enable = false;
        ''
      ++ lib.optional (cfg.hostId == "nixos") ''
        services.complianceAgent.hostId is "nixos", the host name of every new installation. Write:
          networking.hostName = "…";
      '';
  };
}

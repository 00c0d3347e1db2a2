# PostgreSQL by its local socket with peer authentication: a role is a user of this host. One owns the database and
# migrates it; the server is the other, which may add evidence, and neither change nor remove it.
{ lib, config, ... }:
let
  cfg = config.services.complianceServer;
  owner = "compliance-evidence";
in
{
  config = lib.mkIf (cfg.enable && cfg.postgresql.enable) {
    services.postgresql = {
      enable = true;
      ensureDatabases = [ owner ];
      ensureUsers = [
        {
          name = owner;
          ensureDBOwnership = true;
        }
        { name = "compliance-server"; }
      ];
    };

    services.complianceServer.settings.postgresql = lib.mkDefault {
      host = "/run/postgresql";
      inherit (config.services.postgresql.settings) port;
      database = owner;
      user = "compliance-server";
    };

    users.users.${owner} = {
      description = "Owner of the compliance control server's database";
      isSystemUser = true;
      group = owner;
    };
    users.groups.${owner} = { };

    systemd.services.compliance-server = {
      requires = [ "compliance-server-migrate.service" ];
      after = [ "compliance-server-migrate.service" ];
    };

    systemd.services.compliance-server-migrate = {
      description = "Present form of the compliance control server's database";
      requires = [ "postgresql.target" ];
      after = [ "postgresql.target" ];
      restartTriggers = [ cfg.file ];
      serviceConfig = import ./sandbox.nix // {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = "${lib.getExe cfg.package} migrate --config ${cfg.file} --owner ${owner}";
        User = owner;
        Group = owner;
        PrivateNetwork = true;
        RestrictAddressFamilies = "AF_UNIX";
      };
    };
  };
}

# A consistent copy of the database for the host's own backup, renamed when it is whole and can be read.
{
  lib,
  pkgs,
  config,
  ...
}:
let
  cfg = config.services.complianceServer;
  inherit (cfg.backup) folder;
  local = cfg.postgresql.enable;
  # A database elsewhere is saved there.
  enable = cfg.enable && cfg.backup.enable && (local || !(cfg.settings ? postgresql));
  user = if local then "compliance-evidence" else "compliance-server";
  inherit (cfg.settings) database_path;

  # SQLite's own online backup, while the server writes.
  copySqlite = ''
    part=${folder}/server.db.part
    rm -f "$part"
    sqlite3 ${database_path} ".timeout 60000" ".backup '$part'"
    [[ "$(sqlite3 "$part" 'pragma integrity_check')" == ok ]]
    sync "$part"
    mv "$part" ${folder}/server.db
  '';
  # For pg_restore, of one moment.
  copyPostgresql = ''
    part=${folder}/server.dump.part
    pg_dump --host=/run/postgresql --port=${toString config.services.postgresql.settings.port} \
      --format=custom --file="$part" compliance-evidence
    pg_restore --file=/dev/null "$part"
    sync "$part"
    mv "$part" ${folder}/server.dump
  '';
in
{
  config = lib.mkIf enable {
    systemd.tmpfiles.settings.compliance-server-backup.${folder}.d = {
      inherit user;
      group = user;
      mode = "0700";
    };

    systemd.services.compliance-server-backup = {
      description = "Copy of the compliance control server's database";
      startAt = cfg.backup.calendar;
      restartIfChanged = false;
      requires = lib.mkIf local [ "compliance-server-migrate.service" ];
      after = lib.mkIf local [ "compliance-server-migrate.service" ];
      unitConfig = lib.mkIf (!local) { ConditionPathExists = database_path; };
      script = if local then copyPostgresql else copySqlite;
      path = if local then [ config.services.postgresql.finalPackage ] else [ pkgs.sqlite ];
      serviceConfig = import ./sandbox.nix // {
        Type = "oneshot";
        User = user;
        Group = user;
        StateDirectory = lib.mkIf (!local) "compliance-server";
        StateDirectoryMode = lib.mkIf (!local) "0700";
        ReadWritePaths = [ folder ];
        PrivateNetwork = true;
        RestrictAddressFamilies = if local then "AF_UNIX" else "none";
      };
    };
  };
}

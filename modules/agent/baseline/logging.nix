# journald and its sockets, and every shipper that this configuration enables.
{
  lib,
  config,
  dropInsOf,
}:
let
  inherit (config) services;
  shippers = lib.attrNames (
    lib.filterAttrs (_: enabled: enabled) {
      "alloy.service" = services.alloy.enable;
      "fluent-bit.service" = services.fluent-bit.enable;
      "syslog-ng.service" = services.syslog-ng.enable;
      "syslog.service" = services.rsyslogd.enable;
      "systemd-journal-upload.service" = services.journald.upload.enable;
      "vector.service" = services.vector.enable;
    }
  );
in
{
  units =
    map
      (unit: {
        inherit unit;
        allowed_drop_ins = dropInsOf unit;
      })
      (
        [
          "systemd-journald.service"
          "systemd-journald.socket"
          "systemd-journald-dev-log.socket"
        ]
        ++ shippers
        ++ services.complianceAgent.checks.logging.shippers
      );
}

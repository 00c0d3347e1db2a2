# The server's settings as a file that the server itself has checked.
{
  lib,
  pkgs,
  config,
  ...
}:
let
  cfg = config.services.complianceServer;
  canRun = pkgs.stdenv.buildPlatform.canExecute pkgs.stdenv.hostPlatform;
in
{
  options.services.complianceServer = {
    rendered = lib.mkOption {
      type = lib.types.str;
      internal = true;
      readOnly = true;
      default = builtins.toJSON cfg.settings; # JSON is YAML too
      description = "The settings as they are before they are built.";
    };
    file = lib.mkOption {
      type = lib.types.package;
      internal = true;
      readOnly = true;
      description = "The settings, checked by the server.";
      default =
        pkgs.runCommandLocal "compliance-server-config.yaml"
          {
            settings = cfg.rendered;
            __structuredAttrs = true;
          }
          (
            ''
              printf '%s\n' "$settings" > $out
            ''
            + lib.optionalString canRun ''
              ${lib.getExe cfg.package} config check --config $out
            ''
          );
    };
  };
}

# A real `nixos-rebuild switch` makes the new generation the accepted one. The activation script sees which action it
# serves; what moves the profile link without a switch, and `test`, accept nothing. The switch that a remedy makes says so
# in its environment, and `--by-switch` heeds it.
{ lib, config, ... }:
let
  cfg = config.services.complianceAgent;
in
{
  config = lib.mkIf (cfg.enable && cfg.acceptLocalSwitch) {
    system.activationScripts.complianceAgentAcceptance = {
      deps = [
        "etc"
        "users"
      ];
      text = ''
        if [[ "''${NIXOS_ACTION-}" == switch ]]; then
          ${lib.getExe cfg.package} generation accept "$systemConfig" --by-switch ||
            echo "compliance-agent: this generation was not accepted; check patching will report it" >&2
        fi
      '';
    };
  };
}

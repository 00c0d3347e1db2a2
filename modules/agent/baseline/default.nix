# The baseline that this host's own configuration declares. Every value has the priority of mkDefault, so the
# administrator's own definition of `services.complianceAgent.baseline` wins value by value.
{
  lib,
  pkgs,
  config,
  ...
}:
let
  cfg = config.services.complianceAgent;

  # Replaced by the SHA-256 of that file when the baseline is built (config-file.nix): nothing is read at evaluation.
  sha256Of = path: "@sha256:${path}@";

  # NixOS writes every drop-in of a declared unit there; systemd may name the link's target in the store instead.
  dropInsOf =
    unit:
    let
      type = lib.last (lib.splitString "." unit);
    in
    [
      "/etc/systemd/system/${unit}.d/"
      "/etc/systemd/system/${type}.d/"
      "/nix/store/"
    ];

  jobs = import ../backup-jobs.nix { inherit lib config; };

  derived = {
    version = 1;
    source = "nixos";
    inherit (cfg) profile exceptions;
    checks = lib.filterAttrs (id: _: cfg.checks.${id}.enable) {
      patching = import ./patching.nix { inherit lib config; };
      antivirus = import ./antivirus.nix {
        inherit
          lib
          config
          sha256Of
          dropInsOf
          ;
      };
      backup = import ./backup.nix { inherit lib config jobs; };
      logging = import ./logging.nix { inherit lib config dropInsOf; };
      firewall = import ./firewall.nix { inherit lib pkgs config; };
      encryption = import ./encryption.nix { inherit lib config; };
    };
  }
  // lib.optionalAttrs (derivedRevision != null) { nixos_revision = derivedRevision; };

  derivedRevision =
    let
      inherit (config.system.nixos) revision;
    in
    if revision != null && builtins.match "[0-9a-f]{7,40}(-dirty)?" revision != null then
      revision
    else
      null;

  asDefaults = import ../as-defaults.nix { inherit lib; };
in
{
  config.services.complianceAgent.baseline = lib.mkIf cfg.enable (asDefaults derived);
}

# `nix flake check`: package with its tests, every host's configuration as the agent sees it, refusals, units, formatting,
# option docs; machines on x86_64, which need KVM.
pkgs: self:
let
  inherit (pkgs) lib;
  inherit (pkgs.stdenv.hostPlatform) system;
  evaluated = import ./. {
    nixpkgs = pkgs.path;
    inherit system;
  };
  packages = self.packages.${system};

  refusals = lib.mapAttrs (
    name: messages:
    lib.throwIf (messages == [ ]) "tests/nix/refused/${name}.nix was not refused" (
      if messages == null then "does not evaluate" else lib.concatStrings messages
    )
  ) evaluated.refused;
in
{
  inherit (packages) compliance-agent compliance-server;

  refused = pkgs.writeText "refused.json" (builtins.toJSON refusals);

  # All units of the minimal host as its systemd will find them.
  units = pkgs.runCommandLocal "units-verified" { nativeBuildInputs = [ pkgs.systemd ]; } ''
    mkdir -p root/etc
    cp -rL ${evaluated.hosts.minimal.config.environment.etc."systemd/system".source} root/etc/units
    for unit in root/etc/units/compliance-agent*.{service,socket,target}; do
      case $unit in *@.service) unit=''${unit/@.service/@1.service} ;; esac
      SYSTEMD_UNIT_PATH=$PWD/root/etc/units systemd-analyze verify --man=no --generators=no "$unit" 2>> found || true
    done
    if grep -i compliance- found; then exit 1; fi
    touch $out
  '';

  formatting = pkgs.runCommandLocal "formatted" { nativeBuildInputs = [ pkgs.nixfmt ]; } ''
    find ${
      lib.fileset.toSource {
        root = ../..;
        fileset = lib.fileset.fileFilter (file: file.hasExt "nix") ../..;
      }
    } -name '*.nix' -exec nixfmt --check {} +
    touch $out
  '';

  option-docs = pkgs.runCommandLocal "option-docs-fresh" { } ''
    diff -u ${../../modules/OPTIONS.md} ${packages.option-docs}
    touch $out
  '';
}
# Built, each is the host's settings and baseline, which the agent has checked.
// lib.mapAttrs' (
  name: host: lib.nameValuePair "host-${name}" host.config.services.complianceAgent.files
) evaluated.hosts
// lib.optionalAttrs (system == "x86_64-linux") (
  lib.mapAttrs' (name: test: lib.nameValuePair "vm-${name}" test) (import ../../vm-tests pkgs)
)

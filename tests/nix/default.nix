# Hosts to evaluate against any nixpkgs, and what a test reads of each:
#   nix-instantiate --eval --strict --json tests/nix --argstr nixpkgs PATH -A hosts.minimal.facts
{
  nixpkgs ? builtins.getEnv "COMPLIANCE_NIXPKGS",
  system ? "x86_64-linux",
}:
let
  lib = import (nixpkgs + "/lib");
  evalHost =
    module:
    import (nixpkgs + "/nixos/lib/eval-config.nix") {
      inherit system;
      modules = [
        (import ../../modules).default
        ./hosts/base.nix
        module
      ];
    };

  nixFiles =
    folder:
    lib.mapAttrs' (name: _: lib.nameValuePair (lib.removeSuffix ".nix" name) (folder + "/${name}")) (
      builtins.readDir folder
    );

  isOurs = lib.hasPrefix "compliance-";
  # Units that the module adds to or defines: what a drop-in says, or a whole unit.
  units =
    config:
    lib.mapAttrs (_: unit: unit.text) (
      lib.filterAttrs (
        name: _: isOurs name || lib.hasPrefix "restic-" name || lib.hasPrefix "borgbackup-" name
      ) config.systemd.units
    );

  facts =
    { config, ... }:
    {
      inherit (config.services.complianceAgent) baseline rendered;
      inherit (config) warnings;
      refusals = map (one: one.message) (lib.filter (one: !one.assertion) config.assertions);
      units = units config;
      activation = config.system.activationScripts.complianceAgentAcceptance.text or null;
      server =
        if config.services.complianceServer.enable then config.services.complianceServer.rendered else null;
      nginx = config.environment.etc."nginx/nginx.conf".source.text or null;
      ports = config.networking.firewall.allowedTCPPorts;
      system = config.system.build.toplevel.drvPath;
    };
in
{
  hosts = lib.mapAttrs (
    _: module:
    let
      host = evalHost module;
    in
    {
      inherit (host) config;
      facts = facts host;
    }
  ) (removeAttrs (nixFiles ./hosts) [ "base" ]);

  # Messages of the assertions that failed; null where it does not evaluate at all.
  refused = lib.mapAttrs (
    _: module:
    let
      messages = (facts (evalHost module)).refusals;
      tried = builtins.tryEval (builtins.deepSeq messages messages);
    in
    if tried.success then tried.value else null
  ) (nixFiles ./refused);

  # What agent and nixpkgs must agree on, and the text that modules/OPTIONS.md should be.
  optionDocs = (import nixpkgs { inherit system; }).callPackage ../../pkgs/option-docs.nix { };
  npmSources =
    lib.mapAttrs (_: baseNameOf)
      ((import nixpkgs { inherit system; }).callPackage ../../pkgs/npm-deps { }).sources;

  demo = (import ../../modules/demo/machines.nix (import nixpkgs { inherit system; })).driver.drvPath;

  vmTests = lib.mapAttrs (_: test: test.driver.drvPath) (
    import ../../vm-tests (import nixpkgs { inherit system; })
  );
}

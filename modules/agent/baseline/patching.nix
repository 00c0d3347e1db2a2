# How old the nixpkgs of this configuration may get. Which generation is accepted is root-owned state of the host.
{ lib, config }:
let
  cfg = config.services.complianceAgent.checks.patching;
  inherit (config.system.nixos) revision;
in
{
  max_age_days = cfg.maxAgeDays;
  reboot_within_days = cfg.rebootWithinDays;
}
// lib.optionalAttrs (cfg.nixpkgsDate != null) { nixpkgs_date = cfg.nixpkgsDate; }
//
  lib.optionalAttrs (revision != null && builtins.match "[0-9a-f]{7,40}(-dirty)?" revision != null)
    {
      nixpkgs_revision = revision;
    }

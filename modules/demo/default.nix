# A host to look at: `nix eval .#nixosConfigurations.demo.config.services.complianceAgent.baseline`, or
# `nixos-rebuild build-vm --flake .#demo`.
{ lib, self }:
{
  demo = lib.nixosSystem {
    system = "x86_64-linux";
    modules = [
      self.nixosModules.default
      ./host.nix
    ];
  };
}

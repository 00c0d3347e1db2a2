{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    compliance-agent.url = "github:example/compliance-agent"; # where you took this template from
    compliance-agent.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    { nixpkgs, compliance-agent, ... }:
    {
      nixosConfigurations.clinic-1 = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          compliance-agent.nixosModules.complianceAgent
          ./configuration.nix
        ];
      };
    };
}

{
  description = "A NixOS host that proves it is what it was declared to be, and repairs itself when it is not";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      forEachSystem =
        import':
        lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (
          system: import' nixpkgs.legacyPackages.${system} self
        );
    in
    {
      packages = forEachSystem (import ./pkgs);
      apps = forEachSystem (import ./pkgs/apps.nix);
      devShells = forEachSystem (import ./pkgs/dev-shell.nix);
      formatter = forEachSystem (import ./pkgs/formatter.nix);
      checks = forEachSystem (import ./tests/nix/checks.nix);
      overlays.default = import ./pkgs/overlay.nix;
      nixosModules = import ./modules;
      nixosConfigurations = import ./modules/demo { inherit lib self; };
      templates = import ./modules/template;
    };
}

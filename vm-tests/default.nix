# One folder a scenario: `scenario.nix` has its machines, `scenario.py` what happens and why that proves something.
pkgs:
let
  inherit (pkgs) lib;
  scenarios = lib.filterAttrs (
    name: type: type == "directory" && builtins.pathExists (./. + "/${name}/scenario.nix")
  ) (builtins.readDir ./.);
in
lib.mapAttrs (
  name: _:
  pkgs.testers.runNixOSTest {
    imports = [ (./. + "/${name}/scenario.nix") ];
    inherit name;
    testScript = builtins.readFile ./common/host.py + builtins.readFile ./common/control.py + builtins.readFile (./. + "/${name}/scenario.py");
    # Modules and package are this flake's own.
    defaults.imports = [
      (import ../modules).default
      ./common/node.nix
    ];
  }
) scenarios

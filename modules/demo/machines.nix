# The demo of the fleet as NixOS machines: the scenario that `npm --prefix agent run demo:stack` plays on loopback, with
# real systemd, nftables and LUKS. The server stands behind NGINX and on PostgreSQL.
pkgs:
let
  inherit (pkgs) lib;
  scenario = lib.importJSON ../../agent/demo/fleet/scenario.json;
  common = ../../vm-tests/common;
  preamble = map (name: builtins.readFile (common + "/${name}.py")) [
    "host"
    "control"
  ];

  host =
    {
      name,
      site,
      reseller,
      controls,
    }:
    {
      imports = [
        (common + "/control-client.nix")
        ./host-machine.nix
      ];
      services.complianceAgent = {
        hostId = name;
        siteId = site;
        resellerId = lib.mkIf (reseller != null) reseller;
        deploymentMode = if reseller == null then "direct" else "reseller";
      };
      services.clamav.daemon.enable = name == "lab";
      virtualisation.memorySize = if name == "lab" then 2048 else 1024;
    };
in
pkgs.testers.runNixOSTest {
  name = "compliance-demo";
  globalTimeout = 1800;
  imports = [ (common + "/control.nix") ];
  defaults.imports = [
    (import ../.).default
    (common + "/node.nix")
  ];
  nodes = lib.listToAttrs (map (one: lib.nameValuePair one.name (host one)) scenario.hosts) // {
    server = ./server-machine.nix;
  };
  testScript = lib.concatStrings preamble + builtins.readFile ./play.py;
}

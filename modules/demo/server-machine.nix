# The server behind NGINX and on PostgreSQL. NGINX waits for the certificates that the script makes.
{ lib, ... }:
{
  services.complianceServer = {
    nginx = {
      enable = true;
      hostName = "server";
    };
    postgresql.enable = true;
  };
  systemd.services.nginx.wantedBy = lib.mkForce [ ];
  systemd.services.compliance-server.wants = [ "nginx.service" ];
  vmTest.scenario = lib.importJSON ../../agent/demo/fleet/scenario.json;
  virtualisation.memorySize = 1536;
}

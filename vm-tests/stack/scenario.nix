# A server for a fleet, behind NGINX and on PostgreSQL, and two of its hosts.
{
  imports = [ ../common/control.nix ];
  globalTimeout = 1200;
  nodes.server =
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
      virtualisation.memorySize = 2048;
      vmTest.units = "compliance-server.service nginx.service";
    };
  nodes.clinic.imports = [ ../common/control-client.nix ];
  nodes.ward = {
    imports = [ ../common/control-client.nix ];
    services.complianceAgent.hostId = "ward-1";
  };
}

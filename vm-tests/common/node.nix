# A host with the agent as every scenario starts from it; a scenario states only its difference.
{ lib, ... }:
{
  services.complianceAgent = {
    enable = true;
    hostId = lib.mkDefault "clinic-1";
    pollInterval = lib.mkDefault 5;
  };
  system.switch.enable = true; # test machines have it off
  virtualisation.memorySize = 1024;
}

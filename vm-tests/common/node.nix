# A host with the agent as every scenario starts from it; a scenario states only its difference.
{
  lib,
  pkgs,
  config,
  ...
}:
{
  options.vmTest = lib.mkOption {
    type = lib.types.attrsOf lib.types.anything;
    description = "What the script must know of this machine; it reads /etc/vm-test.json.";
  };
  config = {
    vmTest = {
      rig = "nixos";
      poll_interval = config.services.complianceAgent.pollInterval;
    };
    environment.etc."vm-test.json".text = builtins.toJSON config.vmTest;
    environment.systemPackages = [
      pkgs.openssl
      pkgs.python3
    ];
    services.complianceAgent = {
      enable = lib.mkDefault true;
      hostId = lib.mkDefault "clinic-1";
      pollInterval = lib.mkDefault 5;
    };
    system.switch.enable = true; # test machines have it off
    virtualisation.memorySize = lib.mkDefault 1024;
  };
}

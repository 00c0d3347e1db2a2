# A default host, a user with no rights at all, and the tools that they try.
{
  globalTimeout = 900;
  nodes.clinic =
    { pkgs, ... }:
    {
      users.users.stranger = {
        isSystemUser = true;
        group = "stranger";
      };
      users.groups.stranger = { };
      environment.systemPackages = [
        pkgs.cryptsetup
        pkgs.nftables
      ];
    };
}

{ pkgs, ... }:
{
  services.complianceAgent = {
    enable = true;
    signingKeyFile = pkgs.writeText "key" "0123456789abcdef0123456789abcdef";
  };
}

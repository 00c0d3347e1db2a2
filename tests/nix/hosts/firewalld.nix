{
  services.complianceAgent.enable = true;
  services.firewalld.enable = true;
  networking.nftables.enable = true;
}

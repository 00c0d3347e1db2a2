{
  services.complianceAgent.enable = true;
  networking.firewall.enable = false;
}

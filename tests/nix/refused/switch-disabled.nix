{
  services.complianceAgent.enable = true;
  system.switch.enable = false;
}

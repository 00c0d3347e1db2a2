{
  services.complianceAgent = {
    enable = true;
    deploymentMode = "reseller";
  };
}

{
  services.complianceAgent = {
    enable = true;
    maintenanceWindow.start = "2am";
  };
}

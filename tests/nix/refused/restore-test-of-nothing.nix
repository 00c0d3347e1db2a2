{
  services.complianceAgent = {
    enable = true;
    restoreTest.jobs = [ "home" ];
  };
}

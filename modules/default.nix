rec {
  complianceAgent = ./agent;
  complianceServer = ./server;
  default.imports = [
    complianceAgent
    complianceServer
  ];
}

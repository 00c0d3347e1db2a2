{
  services.complianceAgent = {
    enable = true;
    mcp.url = "https://mcp.example.org";
  };
}

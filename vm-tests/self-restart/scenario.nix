# Between the two generations the agent's own unit differs: each switch restarts it.
{
  imports = [ ../common/generations.nix ];
  globalTimeout = 900;
  nodes.clinic = {
    services.complianceAgent = {
      remedies.update_to_baseline_generation.mode = "auto";
      checks.patching.maxAgeDays = 3650;
    };
    specialisation.other.configuration.systemd.services.compliance-agent.environment.GENERATION =
      "other";
  };
}

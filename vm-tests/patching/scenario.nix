# Two generations, and a remedy that need not wait for an order.
{
  imports = [ ../common/generations.nix ];
  globalTimeout = 900;
  nodes.clinic.services.complianceAgent = {
    remedies.update_to_baseline_generation.mode = "auto";
    checks.patching.maxAgeDays = 3650;
  };
}

# The script puts the agent's state onto a small disk before it starts the agent.
{
  globalTimeout = 600;
  nodes.clinic.imports = [ ../common/antivirus-unit.nix ];
}

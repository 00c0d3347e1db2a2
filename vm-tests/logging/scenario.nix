# journald as a default NixOS has it.
{
  globalTimeout = 600;
  nodes.clinic = { };
}

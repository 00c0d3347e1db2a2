# `enable = true` alone, on a NixOS as it comes.
{
  globalTimeout = 300;
  nodes.clinic = { };
}

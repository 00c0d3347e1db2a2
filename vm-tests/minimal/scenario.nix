# `enable = true` alone, on a NixOS as it comes.
{
  nodes.clinic = { };
}

pkgs: _self:
let
  programs = pkgs.callPackage ./programs.nix { };
  compliance-agent = pkgs.callPackage ./compliance-agent.nix { inherit programs; };
in
{
  inherit compliance-agent;
  default = compliance-agent;
  compliance-server = pkgs.callPackage ./compliance-server.nix { inherit programs; };
  option-docs = pkgs.callPackage ./option-docs.nix { };
}

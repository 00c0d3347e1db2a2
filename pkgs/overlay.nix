final: _prev: {
  compliance-agent = final.callPackage ./compliance-agent.nix { };
  compliance-server = final.callPackage ./compliance-server.nix { };
}

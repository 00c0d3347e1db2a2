pkgs: self:
let
  inherit (pkgs) lib;
  inherit (self.packages.${pkgs.stdenv.hostPlatform.system}) compliance-agent;
  demo = pkgs.writeShellApplication {
    name = "compliance-demo";
    runtimeInputs = with pkgs; [
      nodejs-slim_24
      cryptsetup
      iproute2
      nftables
      openssl
      restic
      systemd
      util-linux
    ];
    text = ''exec node ${compliance-agent.programs.demo}/agent/.build/agent/demo/main.js "$@"'';
  };
  app = program: description: {
    type = "app";
    inherit program;
    meta = { inherit description; };
  };
in
{
  default = app (lib.getExe compliance-agent) "The compliance agent's commands";
  demo = app (lib.getExe demo) "Breaks each of the six controls of a clinic host on loopback, and shows the proof";
}

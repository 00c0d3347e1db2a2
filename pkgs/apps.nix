pkgs: self:
let
  inherit (pkgs) lib;
  inherit (self.packages.${pkgs.stdenv.hostPlatform.system}) compliance-agent;
  host = pkgs.writeShellApplication {
    name = "compliance-demo-host";
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
  machines = import ../modules/demo/machines.nix pkgs;
  app = program: description: {
    type = "app";
    inherit program;
    meta = { inherit description; };
  };
in
{
  default = app (lib.getExe compliance-agent) "The compliance agent's commands";
  demo = app "${machines.driver}/bin/nixos-test-driver" "The control server and three hosts as NixOS machines: plays the fleet's scenario and checks it (needs KVM)";
  demo-host = app (lib.getExe host) "Breaks each of the six controls of a clinic host on loopback, and shows the proof";
}

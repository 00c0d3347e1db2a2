# What `npm --prefix agent test` and the demo use on top of Node and a compiler.
pkgs: _self: {
  default = pkgs.mkShell {
    packages = with pkgs; [
      nodejs_24
      nodejs_24.python # better-sqlite3 is compiled by node-gyp
      cryptsetup
      iproute2
      iptables
      nftables
      nixfmt
      openssl
      restic
    ];
    # node-gyp compiles against the headers at hand instead of downloading them.
    env.npm_config_nodedir = "${pkgs.srcOnly pkgs.nodejs_24}";
  };
}

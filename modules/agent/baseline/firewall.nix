# What the kernel should hold: the tables or chains that this configuration declares, and a reference that the probe
# loads into an empty network namespace. The reference comes from the very unit that sets the firewall up.
{
  lib,
  pkgs,
  config,
}:
let
  inherit (config.networking) firewall nat nftables;
  inherit (config.systemd) services;

  # `table inet filter {` of free text; without a family it is ip (nft(8)).
  tablesIn =
    text:
    map
      (
        found:
        let
          family = lib.elemAt found 2;
        in
        "${if family == null then "ip" else family}/${lib.elemAt found 3}"
      )
      (
        lib.filter lib.isList (
          builtins.split "(^|[\n;}])[[:space:]]*table[[:space:]]+((ip|ip6|inet|arp|bridge|netdev)[[:space:]]+)?([A-Za-z0-9_./-]+)[[:space:]]*\\{" text
        )
      );
  # A file that is made by a build cannot be read when the host is evaluated: its tables must be named.
  readable = file: file != null && !lib.hasPrefix builtins.storeDir (toString file);

  tables = lib.unique (
    lib.mapAttrsToList (_: table: "${table.family}/${table.name}") (
      lib.filterAttrs (_: table: table.enable) nftables.tables
    )
    ++ tablesIn nftables.ruleset
    ++ lib.optionals (readable nftables.rulesetFile) (tablesIn (builtins.readFile nftables.rulesetFile))
  );

  # The unit first deletes what it made before, by a file that does not exist while the firewall is stopped.
  nftablesReference =
    let
      rules =
        lib.findFirst (path: lib.hasSuffix "-nftables-rules" "${path}")
          (throw "systemd.services.nftables has no nftables-rules in its ExecStart")
          (lib.toList services.nftables.serviceConfig.ExecStart);
    in
    pkgs.runCommandLocal "compliance-agent-nftables-reference" { } ''
      grep -v -e '^ *include "/var/lib/nftables/deletions.nft"$' -e '^ *include "[^"]*-nftables-deletions"$' \
        ${rules} > $out
      if grep -qE '^ *(flush ruleset|delete table|include "[^"]*deletions)' $out; then
        echo "the reference would delete tables" >&2
        exit 1
      fi
    '';

  iptablesReference =
    let
      start = services.firewall.serviceConfig.ExecStart;
      script = lib.head (lib.splitString " " (lib.removePrefix "@" start));
    in
    pkgs.writeShellScript "compliance-agent-iptables-reference" ''
      export PATH=${lib.makeBinPath services.firewall.path}
      exec ${script}
    '';
in
if firewall.enable && firewall.backend == "firewalld" then
  { backend = "firewalld"; }
else if firewall.enable && firewall.backend == "iptables" then
  {
    backend = "iptables";
    chains = [
      "nixos-fw*"
    ]
    ++ lib.optionals nat.enable [
      "nixos-nat*"
      "nixos-filter-*"
    ];
    reference.script = "${iptablesReference}";
  }
else if nftables.enable && tables != [ ] then
  {
    backend = "nftables";
    inherit tables;
    reference.file = "${nftablesReference}";
  }
else
  { backend = "none"; }

# NixOS's firewall as nftables, and a declared table that counts and remembers who came.
{
  globalTimeout = 600;
  nodes.clinic.networking = {
    firewall.allowedTCPPorts = [ 22 ];
    nftables = {
      enable = true;
      tables.clinic = {
        family = "inet";
        content = ''
          set visitors {
            type ipv4_addr
            flags dynamic, timeout
            timeout 1h
          }
          chain visits {
            type filter hook input priority -10; policy accept;
            counter
            ct state new update @visitors { ip saddr }
          }
        '';
      };
    };
  };
}

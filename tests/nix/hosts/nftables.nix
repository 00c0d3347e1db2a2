# The module's own table, one declared by name and one in free text.
{
  services.complianceAgent.enable = true;
  networking.nftables = {
    enable = true;
    tables.guard = {
      family = "netdev";
      content = "chain ingress { type filter hook ingress device lan0 priority 0; }";
    };
    ruleset = ''
      table inet extra {
        chain c {
        }
      }
      table short {
        chain c {
        }
      }
    '';
  };
}

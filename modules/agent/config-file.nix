# Options to the agent's own settings, and settings and baseline to files that the agent itself has checked.
{
  lib,
  pkgs,
  config,
  ...
}:
let
  cfg = config.services.complianceAgent;
  inherit (cfg) mcp;

  credential = name: "/run/credentials/compliance-agent.service/${name}";
  # What LoadCredential= hands over: name to path on the host.
  credentials = lib.filterAttrs (_: path: path != null) {
    ca = mcp.caFile;
    client-cert = mcp.clientCertFile;
    client-key = mcp.clientKeyFile;
    signing-key = cfg.signingKeyFile;
    webhook-secret = cfg.integrations.webhook.secretFile;
    notice-ca = cfg.integrations.caFile;
  };
  handedOver = name: if credentials ? ${name} then credential name else null;

  fromOptions = {
    site_id = cfg.siteId;
    host_id = cfg.hostId;
    deployment_mode = cfg.deploymentMode;
    reseller_id = cfg.resellerId;
    mcp_url = mcp.url;
    ca_file = handedOver "ca";
    client_cert_file = handedOver "client-cert";
    client_key_file = handedOver "client-key";
    signing_key_file = handedOver "signing-key";
    order_keys_file = publicKeys "order-keys.pem" cfg.orders.publicKeys;
    receipt_keys_file = publicKeys "receipt-keys.pem" mcp.receiptKeys;
    orders_allow = cfg.orders.allow;
    order_ttl = cfg.orders.ttl;
    policy_version = cfg.policyVersion;
    baseline_path = "/etc/compliance-agent/baseline.yaml";
    poll_interval = cfg.pollInterval;
    maintenance_window = "${cfg.maintenanceWindow.start}-${cfg.maintenanceWindow.end}";
    time_zone = cfg.maintenanceWindow.timeZone;
    maintenance_days = cfg.maintenanceWindow.days;
    catch_up_missed_window = cfg.maintenanceWindow.catchUp;
    evidence_retention = cfg.retention.newest;
    prune_retention_days = cfg.retention.days;
    rmm_webhook_url = cfg.integrations.webhook.url;
    webhook_secret_file = handedOver "webhook-secret";
    notice_ca_file = handedOver "notice-ca";
    syslog_target = cfg.integrations.syslog.target;
    metrics_listen = cfg.metrics.listen;
    checks = lib.mapAttrs (
      _: check:
      {
        inherit (check) enable;
      }
      // lib.optionalAttrs (check.timeout != null) { inherit (check) timeout; }
    ) cfg.checks;
    remedies = lib.mapAttrs (_: remedy: { inherit (remedy) mode; }) cfg.remedies;
    time_services =
      lib.optional config.services.timesyncd.enable "systemd-timesyncd.service"
      ++ lib.optional config.services.chrony.enable "chronyd.service";
  };
  publicKeys =
    name: keys:
    if keys == [ ] then
      null
    else
      "${pkgs.writeText name (lib.concatMapStrings (key: "${lib.trim key}\n") keys)}";

  asDefaults = import ./as-defaults.nix { inherit lib; };
  withoutNulls = lib.filterAttrs (_: value: value != null);
  # JSON is YAML too.
  settings = builtins.toJSON (withoutNulls cfg.settings);
  baseline = builtins.toJSON (
    cfg.baseline // { checks = withoutNulls (cfg.baseline.checks or { }); }
  );

  canRun = pkgs.stdenv.buildPlatform.canExecute pkgs.stdenv.hostPlatform;
in
{
  options.services.complianceAgent = {
    credentials = lib.mkOption {
      type = lib.types.attrsOf lib.types.path;
      internal = true;
      readOnly = true;
      default = credentials;
      description = "What `LoadCredential=` hands over.";
    };
    rendered = lib.mkOption {
      type = lib.types.attrsOf lib.types.str;
      internal = true;
      readOnly = true;
      default = { inherit settings baseline; };
      description = "The two files as they are before they are built.";
    };
    files = lib.mkOption {
      type = lib.types.package;
      internal = true;
      readOnly = true;
      description = "Settings and baseline, checked by the agent.";
      default =
        pkgs.runCommandLocal "compliance-agent-config"
          {
            inherit settings baseline;
            __structuredAttrs = true;
          }
          (
            ''
              mkdir $out
              printf '%s\n' "$settings" > $out/config.yaml
              printf '%s\n' "$baseline" > $out/baseline.yaml
              # The digest of each declared program, of the very file that this host will have.
              for path in $(grep -o '@sha256:[^@]*@' $out/baseline.yaml | sort -u | sed 's/^@sha256:\(.*\)@$/\1/'); do
                digest=$(sha256sum "$path")
                substituteInPlace $out/baseline.yaml --replace-fail "@sha256:$path@" "''${digest%% *}"
              done
            ''
            + lib.optionalString canRun ''
              ${lib.getExe cfg.package} config check --config $out/config.yaml --baseline $out/baseline.yaml
            ''
          );
    };
  };

  config.services.complianceAgent.settings = asDefaults (withoutNulls fromOptions);
}

# The agent's own names, as in agent/src/checks and agent/src/remedies.
{
  remedyOf = {
    patching = "update_to_baseline_generation";
    antivirus = "restart_av_service";
    backup = "run_backup_job";
    logging = "restart_logging_services";
    firewall = "restore_firewall_baseline";
    encryption = "enable_volume_encryption";
  };
  days = [
    "mon"
    "tue"
    "wed"
    "thu"
    "fri"
    "sat"
    "sun"
  ];
}

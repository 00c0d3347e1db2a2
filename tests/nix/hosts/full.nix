# Everything that the baseline is derived from, and every option of the module that has no default.
{
  boot.loader.grub.enable = false;
  boot.loader.systemd-boot.enable = true;
  boot.initrd.luks.devices.root.device = "/dev/disk/by-partlabel/root";
  fileSystems = {
    "/boot" = {
      device = "/dev/disk/by-partlabel/esp";
      fsType = "vfat";
    };
    "/srv/pacs" = {
      device = "/dev/mapper/pacs";
      fsType = "xfs";
    };
  };
  environment.etc.crypttab.text = "pacs UUID=4a5ec0de-0000-4000-8000-000000000001 /etc/keys/pacs luks\n";
  swapDevices = [
    {
      device = "/dev/disk/by-partlabel/swap";
      randomEncryption.enable = true;
    }
  ];
  networking.nftables.enable = true;
  time.timeZone = "America/New_York";
  system.nixos.versionSuffix = ".20261002.7c8764b";
  system.nixos.revision = "7c8764b7c7b09b34f632464276218ef9090eaa11";

  services = {
    chrony.enable = true;
    clamav = {
      daemon.enable = true;
      updater.enable = true;
    };
    journald.upload = {
      enable = true;
      settings.Upload.URL = "https://logs.example.org";
    };
    vector = {
      enable = true;
      settings = { };
    };
    restic.backups.home = {
      repository = "sftp:backup@backup.example.org:/clinic-1";
      passwordFile = "/run/secrets/restic";
      paths = [ "/home" ];
    };
    borgbackup.jobs.pacs = {
      paths = "/srv/pacs";
      repo = "borg@backup.example.org:clinic-1";
      encryption = {
        mode = "repokey-blake2";
        passCommand = "cat /run/secrets/borg";
      };
      startAt = "hourly";
    };
  };

  services.complianceAgent = {
    enable = true;
    siteId = "north-clinic";
    hostId = "clinic-1";
    deploymentMode = "reseller";
    resellerId = "acme-msp";
    mcp = {
      url = "https://mcp.example.org:8443";
      caFile = "/run/secrets/mcp-ca.crt";
      clientCertFile = "/run/secrets/agent.crt";
      clientKeyFile = "/run/secrets/agent.key";
      addresses = [
        "192.0.2.10"
        "2001:db8::/64"
      ];
    };
    signingKeyFile = "/run/secrets/evidence.key";
    orders = {
      publicKeys = [
        ''
          -----BEGIN PUBLIC KEY-----
          MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
          -----END PUBLIC KEY-----
        ''
      ];
      allow = [ "update_to_baseline_generation" ];
    };
    maintenanceWindow = {
      start = "22:30";
      end = "01:00";
      days = [
        "sat"
        "sun"
      ];
    };
    checks.backup.maxAgeHours = 12;
    checks.firewall.timeout = 45;
    restoreTest.jobs = [ "home" ];
    exceptions = [
      {
        id = "EX-2026-004";
        check = "encryption";
        subject = "/scratch";
        reason = "Holds no ePHI: calibration images of the scanner.";
        alternative = "The room is locked; the disk is wiped monthly.";
        approved_by = "Security Official";
        expires = "2027-01-01T00:00:00.000Z";
      }
    ];
    integrations = {
      caFile = "/run/secrets/notice-ca.crt";
      webhook = {
        url = "https://rmm.example.org/hook";
        secretFile = "/run/secrets/webhook";
        addresses = [ "192.0.2.20" ];
      };
      syslog = {
        target = "tls://siem.example.org:6514";
        addresses = [ "192.0.2.30" ];
      };
    };
    metrics = {
      listen = "0.0.0.0:9464";
      addresses = [ "192.0.2.40" ];
      openFirewall = true;
    };
    settings.log_level = "debug";
    baseline.checks.patching.max_age_days = 14;
  };
}

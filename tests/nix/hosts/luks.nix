# LUKS below root, data and swap, declared in the three ways that NixOS has.
{
  services.complianceAgent.enable = true;
  boot.initrd.luks.devices.root = {
    device = "/dev/disk/by-partlabel/root";
    header = "/dev/disk/by-partlabel/root-header";
  };
  fileSystems."/data" = {
    device = "/dev/mapper/data";
    fsType = "ext4";
    encrypted = {
      enable = true;
      label = "data";
      blkDev = "/dev/disk/by-partlabel/data";
      keyFile = "/sysroot/etc/keys/data";
    };
  };
  fileSystems."/mnt/stick" = {
    device = "/dev/disk/by-label/stick";
    fsType = "ext4";
    options = [ "noauto" ];
  };
  fileSystems."/srv/share" = {
    device = "server:/share";
    fsType = "nfs";
  };
  swapDevices = [
    {
      device = "/dev/mapper/swap";
      encrypted = {
        enable = true;
        label = "swap";
        blkDev = "/dev/disk/by-partlabel/swap";
      };
    }
  ];
  # name  device  key file  options; the third has no header to read
  environment.etc.crypttab.text = ''
    # opened after the root file system
    archive	PARTLABEL=archive	/etc/keys/archive	luks
    scratch /dev/disk/by-partlabel/scratch /dev/urandom plain
  '';
}

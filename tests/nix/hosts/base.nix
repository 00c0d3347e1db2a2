# What every NixOS needs to be evaluated, and nothing of ours.
{
  networking.hostName = "clinic-1";
  fileSystems."/" = {
    device = "/dev/disk/by-label/nixos";
    fsType = "ext4";
  };
  boot.loader.grub.device = "/dev/vda";
  system.stateVersion = "26.05";
}

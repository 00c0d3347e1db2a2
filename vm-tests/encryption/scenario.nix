# A host that boots an encrypted root, in the manner of nixpkgs' own LUKS tests: the script makes the volume, then boots
# the specialisation that needs it. What must be encrypted is declared here, as the script itself mounts and swaps.
{
  globalTimeout = 1500;
  nodes.clinic =
    {
      lib,
      pkgs,
      config,
      ...
    }:
    let
      key = pkgs.writeText "root.key" "the key of the tests' encrypted root";
    in
    {
      virtualisation = {
        emptyDiskImages = [
          512
          64
          64
          64
        ];
        useBootLoader = true;
        useEFIBoot = true;
        mountHostNixStore = true; # the new root is empty
      };
      boot.loader.systemd-boot.enable = true;
      boot.initrd.systemd.enable = true;
      environment.systemPackages = [ pkgs.cryptsetup ];
      specialisation.encrypted.configuration = {
        virtualisation.rootDevice = "/dev/mapper/root";
        boot.initrd.luks.devices = lib.mkVMOverride {
          root = {
            device = "/dev/vdb";
            keyFile = "/etc/root.key";
          };
        };
        boot.initrd.secrets."/etc/root.key" = key;
      };
      services.complianceAgent = {
        pollInterval = 15;
        baseline.checks.encryption = {
          mounts = [
            { target = "/"; }
            { target = "/srv/records"; }
          ];
          swaps = [
            {
              device = "/dev/mapper/scratch";
              random_key_allowed = true;
            }
            { device = "all"; }
          ];
          luks = [
            {
              name = "root";
              device = "/dev/vdb";
              key_slots = 1;
            }
            {
              name = "records";
              device = "/dev/vdc";
              key_slots = [ 0 ];
            }
          ];
        };
      };
      vmTest = {
        disks = [
          "/dev/vdc"
          "/dev/vdd"
          "/dev/vde"
        ];
      }
      // lib.optionalAttrs (config.specialisation != { }) {
        encrypt_root = ''
          cryptsetup luksFormat -q --iter-time=1 --key-file ${key} /dev/vdb
          cryptsetup open --key-file ${key} /dev/vdb root
          mkfs.ext4 -q /dev/mapper/root
          /run/booted-system/specialisation/encrypted/bin/switch-to-configuration boot
        '';
      };
    };
}

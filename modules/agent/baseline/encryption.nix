# Which mounts and swaps must be encrypted, and the LUKS devices whose headers are read.
{ lib, config }:
let
  # What holds nothing on a disk of this host, as agent/src/core/storage/scope.ts has it.
  elsewhere = [
    "9p"
    "afs"
    "autofs"
    "ceph"
    "cifs"
    "glusterfs"
    "hugetlbfs"
    "nfs"
    "nfs4"
    "overlay"
    "ramfs"
    "smb3"
    "tmpfs"
    "virtiofs"
  ];
  isBoot = path: builtins.match "/(boot|efi)(/.*)?" path != null;
  # What may rightly be absent is judged like any other disk while it is there, and is not missed when it is not.
  mayBeAbsent = [
    "noauto"
    "nofail"
    "x-systemd.automount"
    "bind"
    "rbind"
  ];
  mustBeThere =
    fs:
    !lib.elem fs.fsType elsewhere
    && !lib.hasPrefix "fuse" fs.fsType
    && !isBoot fs.mountPoint
    && lib.intersectLists mayBeAbsent fs.options == [ ];

  encrypted = lib.filter (device: device.encrypted.enable) (
    lib.attrValues config.fileSystems ++ config.swapDevices
  );
  # crypttab(5): name, device, key file, options; opened after the root file system is mounted.
  crypttabLines = lib.filter (line: line != [ ]) (
    map (line: lib.filter (word: word != "") (lib.splitString " " line)) (
      lib.filter (line: !lib.hasPrefix "#" line) (
        lib.splitString "\n" (
          lib.replaceStrings [ "\t" ] [ " " ] (config.environment.etc.crypttab.text or "")
        )
      )
    )
  );
  deviceOf =
    written:
    let
      byTag = builtins.match "(PART)?(UUID|LABEL)=(.*)" written;
      tag = lib.toLower "${lib.optionalString (lib.head byTag != null) "part"}${lib.elemAt byTag 1}";
    in
    if byTag == null then written else "/dev/disk/by-${tag}/${lib.elemAt byTag 2}";

  luks =
    lib.mapAttrs (_: { device, header, ... }: if header == null then device else header) (
      config.boot.initrd.luks.devices
    )
    // lib.listToAttrs (
      map ({ encrypted, ... }: lib.nameValuePair encrypted.label encrypted.blkDev) (
        lib.filter (device: device.encrypted.label != null) encrypted
      )
    )
    // lib.listToAttrs (
      map (words: lib.nameValuePair (lib.head words) (deviceOf (lib.elemAt words 1))) (
        lib.filter (
          words:
          lib.length words >= 2
          # a plain mapping with a key of each boot's own has no header
          && !lib.elem
            (lib.elemAt (
              words
              ++ [
                ""
                ""
              ]
            ) 2)
            [
              "/dev/random"
              "/dev/urandom"
            ]
        ) crypttabLines
      )
    );
in
{
  mounts = map (fs: { target = fs.mountPoint; }) (
    lib.filter mustBeThere (lib.attrValues config.fileSystems)
  );
  swaps = [
    { device = "all"; }
  ]
  ++ map (swap: {
    device = swap.realDevice;
    random_key_allowed = true;
  }) (lib.filter (swap: swap.randomEncryption.enable) config.swapDevices);
  luks = lib.mapAttrsToList (name: device: { inherit name device; }) luks;
}

# The agent: its program with the tools that it and its probes start, and the shipped units that name it.
{
  lib,
  stdenvNoCC,
  makeBinaryWrapper,
  callPackage,
  nodejs-slim_24,
  cryptsetup,
  iproute2,
  iptables,
  nftables,
  systemd,
  util-linux,
  programs ? callPackage ./programs.nix { },
}:
stdenvNoCC.mkDerivation {
  pname = "compliance-agent";
  inherit (programs) version;
  __structuredAttrs = true;

  src = ../agent/units;
  nativeBuildInputs = [ makeBinaryWrapper ];
  dontBuild = true;

  # What a host has only where it is configured (chrony, zfs, restic) comes in by the unit's own path.
  installPhase = ''
    runHook preInstall
    makeWrapper ${lib.getExe nodejs-slim_24} $out/bin/compliance-agent \
      --add-flag ${programs}/lib/compliance/dist/compliance-agent.js \
      --suffix PATH : ${
        lib.makeBinPath [
          systemd
          util-linux # logger: the journal's fields
          nftables
          iptables
          iproute2
          cryptsetup
        ]
      }
    mkdir -p $out/lib/systemd/system
    for unit in *.service *.socket *.target; do
      substitute $unit $out/lib/systemd/system/$unit --subst-var-by bin $out/bin
    done
    install -D -m 0644 -t $out/lib/tmpfiles.d tmpfiles.d/*
    install -D -m 0644 -t $out/share/compliance-agent/prometheus prometheus/*
    install -D -m 0644 -t $out/share/man/man8 ${programs}/lib/compliance/dist/man/man8/compliance-agent.8
    if grep -rn '@[a-z]*@' $out/lib/systemd/system; then
      echo "a placeholder was left in a unit" >&2
      exit 1
    fi
    runHook postInstall
  '';

  passthru = { inherit programs; };

  meta = programs.meta // {
    description = "Checks, heals and proves six HIPAA controls on a NixOS host";
    mainProgram = "compliance-agent";
  };
}

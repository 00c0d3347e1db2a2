# The control server: receives, verifies and keeps the evidence of many hosts. It starts no other program.
{
  lib,
  runCommandLocal,
  makeBinaryWrapper,
  callPackage,
  nodejs-slim_24,
  programs ? callPackage ./programs.nix { },
}:
runCommandLocal "compliance-server-${programs.version}"
  {
    pname = "compliance-server";
    inherit (programs) version;
    nativeBuildInputs = [ makeBinaryWrapper ];
    passthru = { inherit programs; };
    meta = programs.meta // {
      description = "Receives, verifies and keeps the evidence of many hosts";
      mainProgram = "compliance-server";
    };
  }
  ''
    makeWrapper ${lib.getExe nodejs-slim_24} $out/bin/compliance-server \
      --add-flag ${programs}/lib/compliance/dist/compliance-server.js
    install -D -m 0644 -t $out/share/man/man8 ${programs}/lib/compliance/dist/man/man8/compliance-server.8
  ''

# Every package that agent/package-lock.json locks, as the tarball its registry serves. The lock names no registry, so
# npm fetches by name and version from the one it is configured for, and what it brings must have the lock's integrity.
# All systems' variants are there: one hash serves every builder. `pkgs/update-npm-deps` writes hash.json.
{
  lib,
  stdenvNoCC,
  nodejs_24,
  cacert,
}:
let
  lock = lib.importJSON ../../agent/package-lock.json;
  nameOf = path: entry: entry.name or (lib.last (lib.splitString "node_modules/" path));
  fileOf = path: entry: "${lib.replaceString "/" "+" (nameOf path entry)}-${entry.version}.tgz";
in
stdenvNoCC.mkDerivation (finalAttrs: {
  name = "compliance-agent-npm-deps";

  nativeBuildInputs = [
    nodejs_24
    cacert
  ];
  buildCommand = ''
    export HOME=$TMPDIR
    node ${
      lib.fileset.toSource {
        root = ./.;
        fileset = lib.fileset.unions [
          ./fetch.mjs
          ./lock.mjs
        ];
      }
    }/fetch.mjs ${../../agent/package-lock.json} $out
  '';

  outputHashMode = "recursive";
  outputHash = (lib.importJSON ./hash.json).nar;
  impureEnvVars = lib.fetchers.proxyImpureEnvVars ++ [ "npm_config_registry" ];

  # For importNpmLock: the tarball of each locked path.
  passthru.sources = lib.mapAttrs (path: entry: "${finalAttrs.finalPackage}/${fileOf path entry}") (
    removeAttrs lock.packages [ "" ]
  );
})

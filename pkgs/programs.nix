# Both programs, bundled: a light entry each and what their commands load. better-sqlite3 has a compiled part and stays
# a package beside them. Type check and tests run here; the formatter and linter are glibc binaries from npm and do not.
{
  lib,
  callPackage,
  buildNpmPackage,
  importNpmLock,
  nodejs_24,
  nodejs-slim_24,
  openssl,
  stdenv,
}:
let
  npmDeps = callPackage ./npm-deps { };
  # better-sqlite3 and what it requires when it runs; everything else is in the bundle.
  external = [
    "better-sqlite3"
    "bindings"
    "file-uri-to-path"
  ];
in
buildNpmPackage {
  pname = "compliance-programs";
  inherit ((lib.importJSON ../agent/package.json)) version;

  outputs = [
    "out"
    "demo" # the demo, compiled file by file, with the libraries that only it needs
  ];

  nodejs = nodejs_24;
  npmRoot = "agent";
  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      (lib.fileset.difference ../agent (
        lib.fileset.unions (
          map lib.fileset.maybeMissing [
            ../agent/node_modules
            ../agent/dist
            ../agent/.build
            ../agent/.cache
          ]
        )
      ))
      ../tests
      ../LICENSE
      ../README.md # holds the table of settings, which a test compares
    ];
  };

  npmDeps = importNpmLock {
    npmRoot = ../agent;
    packageSourceOverrides = npmDeps.sources;
  };
  inherit (importNpmLock) npmConfigHook;

  env.COMPLIANCE_PACKAGES = "in-place"; # scripts/install.mjs: npmConfigHook has put them there

  # No package's install script runs: whether npm lets it depends on npm's version, and the one that is needed downloads.
  npmRebuildFlags = "--ignore-scripts";
  buildPhase = ''
    runHook preBuild
    (
      export CXXFLAGS="-include $PWD/agent/scripts/object-wrap.h"
      cd agent/node_modules/better-sqlite3 && node "$npm_config_node_gyp" rebuild --release
    )
    npm --prefix agent run build
    node agent/scripts/compile.mjs
    runHook postBuild
  '';

  doCheck = true;
  nativeCheckInputs = [ openssl ];
  checkPhase = ''
    runHook preCheck
    npm --prefix agent test -- --no-lint
    runHook postCheck
  '';

  installPhase = ''
    runHook preInstall
    mkdir -p $demo/agent
    cp -r agent/.build agent/demo agent/dist agent/package.json $demo/agent/
    cp -r agent/node_modules $demo/agent/node_modules
    (cd $demo/agent/node_modules && rm -rf .bin @biomejs @esbuild @types @typescript better-sqlite3 esbuild \
      fast-check playwright-core typescript)

    npm --prefix agent prune --omit=dev --no-save --ignore-scripts
    lib=$out/lib/compliance
    mkdir -p $lib/node_modules
    cp -r agent/dist agent/package.json $lib/
    for name in ${lib.escapeShellArgs external}; do
      cp -r agent/node_modules/$name $lib/node_modules/
    done
    # Of what better-sqlite3 compiled only the add-on itself: the rest names the compiler, headers and this folder.
    sqlite=$lib/node_modules/better-sqlite3
    mv $sqlite/build/Release/better_sqlite3.node $TMPDIR/
    rm -r $sqlite/build $sqlite/deps $sqlite/src
    install -D -m 0755 $TMPDIR/better_sqlite3.node $sqlite/build/Release/better_sqlite3.node
    ln -s $sqlite $demo/agent/node_modules/better-sqlite3
    runHook postInstall
  '';

  dontStrip = false;
  dontPatchShebangs = true; # the wrappers name their Node themselves

  doInstallCheck = true;
  installCheckPhase = ''
    runHook preInstallCheck
    ${lib.getExe nodejs-slim_24} -e 'new (require("'$out'/lib/compliance/node_modules/better-sqlite3"))(":memory:")'
    for program in compliance-agent compliance-server; do
      ${lib.getExe nodejs-slim_24} $out/lib/compliance/dist/$program.js --version
    done
    runHook postInstallCheck
  '';

  disallowedReferences = [
    stdenv.cc
    stdenv.cc.cc
    nodejs_24
    nodejs_24.python
    npmDeps
  ];

  passthru.npmPackages = npmDeps;

  meta = {
    description = "The compliance agent's and server's bundled programs";
    license = lib.licenses.mit;
    platforms = [
      "x86_64-linux"
      "aarch64-linux"
    ];
  };
}

# modules/OPTIONS.md, from the options themselves. The text is made at evaluation, so `nix eval --raw` can write it:
#   nix eval --raw .#option-docs.text > modules/OPTIONS.md
{ lib, pkgs }:
let
  inherit
    (lib.evalModules {
      modules = [
        ../modules/agent/options.nix
        ../modules/agent/config-file.nix
        ../modules/server/options.nix
        {
          _module.check = false;
          _module.args = { inherit pkgs; };
        }
      ];
    })
    options
    ;

  visible = lib.filter (option: option.visible && !option.internal) (
    lib.optionAttrSetToDocList (removeAttrs options [ "_module" ])
  );

  plain = lib.replaceStrings [ "{option}`" "{manpage}`" ] [ "`" "`" ];
  code =
    { text, ... }:
    if lib.hasInfix "\n" (lib.trim text) then
      "\n\n```nix\n${lib.trim text}\n```"
    else
      " `${lib.trim text}`";

  describe =
    option:
    lib.concatStringsSep "\n\n" (
      [
        "### `${option.name}`"
        (lib.trim (plain (option.description or (throw "option ${option.name} has no description"))))
        "Type: ${option.type}"
      ]
      ++ lib.optional (option ? default) "Default:${code option.default}"
      ++ lib.optional (option ? example) "Example:${code option.example}"
    );

  section =
    title: prefix:
    "## ${title}\n\n"
    + lib.concatMapStringsSep "\n\n" describe (
      lib.filter (option: lib.hasPrefix prefix option.name) visible
    );

  text = ''
    <!-- Generated: nix eval --raw .#option-docs.text > modules/OPTIONS.md -->

    # Options

    What the options do not cover, `settings` does: the agent's own settings are listed in the README and by
    `compliance-agent config --settings`.

    ${section "The agent" "services.complianceAgent"}

    ${section "The control server" "services.complianceServer"}
  '';
in
(pkgs.writeText "OPTIONS.md" text).overrideAttrs { passthru = { inherit text; }; }

pkgs: _self: pkgs.nixfmt-tree

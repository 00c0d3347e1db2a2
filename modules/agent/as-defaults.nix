# Every value with the priority of mkDefault, so that what an administrator sets wins value by value. A list is one value.
{ lib }:
let
  asDefaults =
    value: if lib.isAttrs value then lib.mapAttrs (_: asDefaults) value else lib.mkDefault value;
in
asDefaults

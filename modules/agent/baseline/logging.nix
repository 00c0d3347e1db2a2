{ lib, config, dropInsOf }:
{ }

{
  default = {
    path = ./host;
    description = "A NixOS host with the compliance agent";
  };
}

# A host with nothing special; the script gives it the state of an older version.
{
  globalTimeout = 600;
  nodes.clinic.environment.etc."first-schema.sql".source = ./debian/clinic/etc/first-schema.sql;
}

CREATE ROLE "compliance-owner" LOGIN;
CREATE ROLE "compliance-server" LOGIN;
CREATE DATABASE evidence OWNER "compliance-owner";

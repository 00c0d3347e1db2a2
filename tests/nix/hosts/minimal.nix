{ services.complianceAgent.enable = true; }

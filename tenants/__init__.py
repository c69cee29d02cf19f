"""Microsoft's world: tenants, domains, people, and the gateways."""

"""The Kibana pack: one YAML file per object, and what `scripts/update_kibana` makes of them (README.md)."""

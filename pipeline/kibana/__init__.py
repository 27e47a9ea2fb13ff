"""The Kibana pack: from the sources in `configs/kibana/` to saved objects, checked, and put into a Kibana."""

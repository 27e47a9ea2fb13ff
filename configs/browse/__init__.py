"""What `newsbeam browse` looks like: templates, style, and what Datasette says of the tables (`metadata.yaml`)."""

"""Which names mean one thing: corrections over the whole document, coreference, roles, declared names."""

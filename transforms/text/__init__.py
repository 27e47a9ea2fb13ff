"""Page to article: main text, boilerplate, metadata, dates, language. Nothing here knows Beam, files or the network."""

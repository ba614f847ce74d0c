"""One file a kind of source; each exports `source`."""

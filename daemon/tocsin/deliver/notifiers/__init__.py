"""One file a kind of receiver; each exports `Settings` and `build`."""

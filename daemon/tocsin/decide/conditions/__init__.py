"""One file a condition that a rule may name; each exports `condition`. Pure."""

"""How the heads that ship with Tocsin are made: the corpus, its maker, the split, the training. Not in the wheel."""

-- feed id, version, subscription, callback : 1, or 0 and nothing written when it isn't the next version.
return subscribe() and 1 or 0

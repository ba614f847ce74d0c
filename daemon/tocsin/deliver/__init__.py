"""From an alert to a receiver: routing, retry, notifiers."""

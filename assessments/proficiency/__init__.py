"""Where a person stands in each technique, concluded from every mark: level, how sure, until when it is current."""

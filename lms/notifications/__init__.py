"""What a person is told: inbox, mail and SMS behind one interface."""

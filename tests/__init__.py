"""What Signalbox promises, one sentence a test."""

"""Stories to play, as files say them."""

"""What people ask and order, and the words in which they are answered."""

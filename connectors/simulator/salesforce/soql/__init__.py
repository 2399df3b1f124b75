"""SOQL: text to tokens, tokens to a tree, the tree to rows of the store it is run against."""

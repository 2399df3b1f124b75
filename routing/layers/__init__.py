"""The layers: plain functions that narrow the candidates and say why each other rep was removed.

Each answers with a `Verdict`. Nobody left is a fine answer: the fallback exists for that.
"""

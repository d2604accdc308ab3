"""Tokens: a text as numbers, by characters or by pairs of bytes."""

import math
import re
from collections import Counter
from itertools import pairwise

WORD = re.compile(r" ?\w+| ?[^\w\s]+|\s+(?!\S)|\s+")


class Characters:
    """A token for each character of a text, in the order of codes."""

    def __init__(self, text):
        self.pieces = sorted(set(text))
        self.ids = {piece: i for i, piece in enumerate(self.pieces)}

    def __len__(self):
        return len(self.pieces)

    def encode(self, text):
        """Return the numbers of the characters of a text, a list.

        A ValueError names a character that has none.
        """
        for character in text:
            if character not in self.ids:
                raise ValueError(
                    f"there is no token for {character!r}: Characters "
                    "has those of its text; BytePairs takes any text"
                )
        return [self.ids[character] for character in text]

    def decode(self, ids):
        """Return the text that the numbers stand for."""
        return "".join(self.pieces[i] for i in ids)


class BytePairs:
    """Tokens for bytes, and for pairs of tokens that often meet.

    merges are pairs of token numbers; the first makes the token 256.
    list(tokens.merges) returns them, to be kept in a file.
    """

    def __init__(self, merges=()):
        self.pieces = [bytes([i]) for i in range(256)]
        self.merges = {}
        for pair in merges:
            self.add(*pair)

    def __len__(self):
        return len(self.pieces)

    def add(self, a, b):
        """Make a token of two others, and return its number."""
        self.merges[a, b] = len(self.pieces)
        self.pieces.append(self.pieces[a] + self.pieces[b])
        return self.merges[a, b]

    def learn(self, text, size):
        """Add tokens until there are size of them, and return self.

        The pair that occurs most often in the words of the text is
        next; of several, that with the smallest bytes. It ends earlier
        if each word is a single token.
        """
        counts = Counter(WORD.findall(text))
        words = {word: self.encode_word(word) for word in counts}
        while len(self) < size:
            found = Counter()
            for word, ids in words.items():
                for pair in pairs(ids):
                    found[pair] += counts[word]
            if not found:
                break
            pair = min(
                found, key=lambda p: (-found[p], self.bytes_of(p))
            )
            new = self.add(*pair)
            for word, ids in words.items():
                words[word] = merged(ids, pair, new)
        return self

    def bytes_of(self, ids):
        """Return the bytes of each token, a list."""
        return [self.pieces[i] for i in ids]

    def encode(self, text):
        """Return the numbers of the tokens of a text, a list."""
        words = WORD.findall(text)
        return [i for word in words for i in self.encode_word(word)]

    def encode_word(self, word):
        """Return the tokens of a word; old merges come first."""
        ids = list(word.encode())
        while len(ids) > 1:
            pair = min(pairwise(ids), key=self.order)
            if pair not in self.merges:
                break
            ids = merged(ids, pair, self.merges[pair])
        return ids

    def order(self, pair):
        """Return the token of a pair, infinity if there is none."""
        return self.merges.get(pair, math.inf)

    def decode(self, ids):
        """Return the text that the tokens stand for.

        Bytes that are no text become the character U+FFFD.
        """
        return b"".join(self.bytes_of(ids)).decode(errors="replace")


def pairs(ids):
    """Yield the neighbours, as often as they can be merged."""
    last = None
    for pair in pairwise(ids):
        if pair == last:
            last = None  # a a a has one pair a a, not two
        else:
            yield pair
            last = pair


def merged(ids, pair, new):
    """Return a list with new in the place of each pair."""
    result = []
    for i in ids:
        if result and (result[-1], i) == pair:
            result[-1] = new
        else:
            result.append(i)
    return result

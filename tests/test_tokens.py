import unittest

from dezero.tokens import BytePairs, Characters

TEXTS = [
    "",
    " ",
    "  two  spaces  ",
    "tab\tline\r\n\n",
    "é and e\u0301, 역전파, ½ ﬁ \u200b",
    "a_b c-d 3.14 it's",
]


def learned(text, merges):
    tokens = BytePairs().learn(text, 256 + merges)
    return [piece.decode() for piece in tokens.pieces[256:]]


class CharactersTest(unittest.TestCase):
    def test_a_text_comes_back(self):
        tokens = Characters("hello")

        self.assertEqual(tokens.encode("hole"), [1, 3, 2, 0])
        self.assertEqual(tokens.decode([1, 3, 2, 0]), "hole")
        self.assertEqual(len(tokens), 4)

    def test_an_unknown_character_is_named(self):
        with self.assertRaisesRegex(ValueError, "token for 'é'"):
            Characters("hello").encode("hé")


class BytePairsTest(unittest.TestCase):
    def test_the_merges_are_those_found_by_hand(self):
        found = learned("low low lower newer", 5)

        self.assertEqual(found, ["lo", "low", " low", "er", " n"])

    def test_the_order_of_the_lines_does_not_matter(self):
        lines = ["zy zy", "qr qr", "ab ab"]

        self.assertEqual(
            learned("\n".join(lines), 9),
            learned("\n".join(lines[::-1]), 9),
        )
        self.assertEqual(learned("\n".join(lines), 1), ["ab"])

    def test_a_run_counts_as_often_as_it_can_be_merged(self):
        self.assertEqual(learned("aaaaa-bc-bc-bc", 1), ["bc"])
        self.assertEqual(learned("aaaaaa-bc-bc", 1), ["aa"])
        tokens = BytePairs([(97, 97)])
        self.assertEqual(tokens.encode("aaaaa"), [256, 256, 97])

    def test_it_ends_when_each_word_is_a_token(self):
        self.assertEqual(learned("abc", 100), ["ab", "abc"])
        self.assertEqual(learned("", 100), [])

    def test_every_text_comes_back(self):
        for tokens in (BytePairs(), BytePairs().learn(TEXTS[4], 300)):
            for text in TEXTS:
                found = tokens.decode(tokens.encode(text))
                self.assertEqual(found, text)

    def test_old_merges_come_first(self):
        tokens = BytePairs([(98, 99), (97, 98), (257, 99)])

        self.assertEqual(tokens.encode("abc"), [97, 256])

    def test_merges_make_the_same_tokens_again(self):
        tokens = BytePairs().learn("low low lower newer", 270)
        again = BytePairs(list(tokens.merges))

        self.assertEqual(again.pieces, tokens.pieces)
        self.assertEqual(
            again.encode("lowest"), tokens.encode("lowest")
        )

    def test_learning_can_go_on(self):
        text = "low low lower newer"
        tokens = BytePairs().learn(text, 258).learn(text, 261)

        self.assertEqual(
            tokens.merges, BytePairs().learn(text, 261).merges
        )

    def test_bytes_that_are_no_text_are_replaced(self):
        self.assertEqual(BytePairs().decode([97, 0xEC]), "a\ufffd")

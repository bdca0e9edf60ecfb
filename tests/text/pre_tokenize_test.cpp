#include "text/pre_tokenize.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace clipcls {
namespace {

using Pieces = std::vector<std::u32string_view>;

TEST(PreTokenize, cuts_letters_digits_and_the_rest) {
  EXPECT_EQ(pre_tokenize(U""), Pieces());
  EXPECT_EQ(pre_tokenize(U"a photo of 12 dogs."), (Pieces{U"a", U"photo", U"of", U"1", U"2", U"dogs", U"."}));
  EXPECT_EQ(pre_tokenize(U"aquarium_fish"), (Pieces{U"aquarium", U"_", U"fish"}));
  EXPECT_EQ(pre_tokenize(U"$5.99 ..!"), (Pieces{U"$", U"5", U".", U"9", U"9", U"..!"}));
}

TEST(PreTokenize, knows_all_scripts) {
  EXPECT_EQ(pre_tokenize(U"\u6D77\u8C5A\u0663\u2167\u00BD"),
            (Pieces{U"\u6D77\u8C5A", U"\u0663", U"\u2167", U"\u00BD"}));
  EXPECT_EQ(pre_tokenize(U"\u0915\u093F\u0932"),
            (Pieces{U"\u0915", U"\u093F", U"\u0932"}));  // marks are no letters
  EXPECT_EQ(pre_tokenize(U"\U0001F600\u200D\U0001F600"), (Pieces{U"\U0001F600\u200D\U0001F600"}));
}

TEST(PreTokenize, cuts_contractions) {
  EXPECT_EQ(pre_tokenize(U"it's we'll"), (Pieces{U"it", U"'s", U"we", U"'ll"}));
  EXPECT_EQ(pre_tokenize(U"'re've'm'd't"), (Pieces{U"'re", U"'ve", U"'m", U"'d", U"'t"}));
  EXPECT_EQ(pre_tokenize(U"'sx"), (Pieces{U"'s", U"x"}));
  EXPECT_EQ(pre_tokenize(U"'l 'x ''s !'s"), (Pieces{U"'", U"l", U"'", U"x", U"''", U"s", U"!'", U"s"}));
  EXPECT_EQ(pre_tokenize(U"it'S"), (Pieces{U"it", U"'S"}));
  EXPECT_EQ(pre_tokenize(U"it'\u017F"), (Pieces{U"it", U"'\u017F"}));
}

TEST(PreTokenize, cuts_special_tokens) {
  EXPECT_EQ(pre_tokenize(U"a<end_of_text>b"), (Pieces{U"a", U"<end_of_text>", U"b"}));
  EXPECT_EQ(pre_tokenize(U"<start_of_text><end_of_text>"), (Pieces{kStartOfText, kEndOfText}));
  EXPECT_EQ(pre_tokenize(U"<\u017Ftart_of_text>"), (Pieces{U"<\u017Ftart_of_text>"}));
  EXPECT_EQ(pre_tokenize(U"!<end_of_text>"), (Pieces{U"!<", U"end", U"_", U"of", U"_", U"text", U">"}));
}

TEST(PreTokenize, takes_the_information_separators_for_no_space) {
  EXPECT_EQ(pre_tokenize(U"a\x1c b\u00A0c"), (Pieces{U"a", U"\x1c", U"b", U"c"}));
}

TEST(PreTokenize, drops_the_one_mark_that_the_pattern_does_not_match) {
  EXPECT_EQ(pre_tokenize(U"\u03B1\u0345\u03B2\u0344."), (Pieces{U"\u03B1", U"\u03B2", U"\u0344."}));
}

}  // namespace
}  // namespace clipcls

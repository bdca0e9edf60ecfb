#pragma once

#include <string>
#include <string_view>

namespace clipcls {

/// What the source of a model does with a text before its tokenizer reads it. CLIP's tokenizer cleans by
/// itself (clean_text.h), and a tokenizer.json may have steps of its own: BERT's are there.
enum class TextCleaning {
  kNone,
  kWhitespace,  ///< open_clip's "whitespace": ftfy's repairs, HTML references, runs of whitespace to a space
  kLower,       ///< open_clip's "lower": … and lower case
  kCanonicalize,  ///< open_clip's "canonicalize": ftfy's repairs, HTML references, `_` to a space, no ASCII
                  ///< punctuation, lower case, runs of whitespace to a space
  kSiglip,        ///< transformers' SiglipTokenizer: lower case, no ASCII punctuation and no `_`, whitespace;
                  ///< nothing is repaired
};

/// `text` is UTF-8; what is not becomes U+FFFD, unless `cleaning` is kNone. ftfy's guess at mis-decoded text
/// is left out, see fix_text().
std::string clean_text_as(TextCleaning cleaning, std::string_view text);

}  // namespace clipcls

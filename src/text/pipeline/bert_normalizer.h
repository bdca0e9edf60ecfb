#pragma once

#include <string>
#include <string_view>

namespace clipcls {

/// The flags of tokenizers' BertNormalizer.
struct BertNormalizerFlags {
  bool clean_text = true;
  bool handle_chinese_chars = true;
  bool strip_accents = true;
  bool lowercase = true;
};

std::string bert_normalize(std::string_view text, const BertNormalizerFlags& flags);

/// The normaliser Lowercase: character by character, so that a sigma at the end of a word is as any other.
std::string lower_case_text(std::string_view text);

}  // namespace clipcls

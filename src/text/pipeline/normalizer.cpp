#include "normalizer.h"

#include <array>
#include <memory>

#include "bert_normalizer.h"
#include "character_tables.h"
#include "pattern.h"
#include "precompiled_charsmap.h"
#include "refuse.h"
#include "text/unicode.h"
#include "text/utf8.h"

namespace clipcls {
namespace {

using nlohmann::json;

constexpr int kMaxNesting = 4;
constexpr std::size_t kMaxInserted = 64;  // bytes that one character may become
constexpr const char* kCharsmapField = "precompiled_charsmap";

/// The bytes of standard base64 with padding. Throws Error (kModel).
std::string decode_base64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<int, 256> value_of{};
  value_of.fill(-1);
  for (std::size_t i = 0; i < kDigits.size(); ++i)
    value_of[static_cast<unsigned char>(kDigits[i])] = static_cast<int>(i);
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  int num_bits = 0;
  for (std::size_t padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  for (const char c : text) {
    const int value = value_of[static_cast<unsigned char>(c)];
    if (value < 0) refuse_tokenizer("its precompiled_charsmap is not base64");
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    num_bits += 6;
    if (num_bits < 8) continue;
    num_bits -= 8;
    bytes.push_back(static_cast<char>(bits >> num_bits & 0xFF));
  }
  return bytes;
}

std::string strip_blanks(std::string_view text, bool is_left, bool is_right) {
  const std::u32string characters = decode_utf8(text);
  std::u32string_view rest = characters;
  while (is_left && !rest.empty() && is_rust_whitespace(rest.front())) rest.remove_prefix(1);
  while (is_right && !rest.empty() && is_rust_whitespace(rest.back())) rest.remove_suffix(1);
  std::string stripped;
  for (const char32_t c : rest) append_utf8(c, stripped);
  return stripped;
}

/// {"String": "…"} or {"Regex": "…"}.
Pattern read_pattern(const JsonFields& fields) {
  return fields.has("Regex") ? Pattern::expression(fields.text("Regex"))
                             : Pattern::plain(fields.text("String"));
}

/// A text that is put into others.
std::string read_inserted(const JsonFields& fields, const std::string& name) {
  std::string text = fields.text(name);
  if (text.size() > kMaxInserted)
    fields.fail(name, "is longer than " + std::to_string(kMaxInserted) + " bytes");
  return text;
}

void take_from(json& value, std::string& charsmap, int depth) {
  if (!value.is_object() || depth > kMaxNesting) return;
  if (const auto found = value.find(kCharsmapField); found != value.end() && found->is_string()) {
    if (!charsmap.empty()) refuse_tokenizer("its normalizer has two precompiled_charsmaps, and one is read");
    charsmap = decode_base64(found->get_ref<const std::string&>());
    value.erase(found);
    PrecompiledCharsmap(charsmap).check();
  }
  if (const auto found = value.find("normalizers"); found != value.end() && found->is_array()) {
    for (json& step : *found) take_from(step, charsmap, depth + 1);
  }
}

}  // namespace

std::string take_charsmap(json& value) {
  std::string charsmap;
  take_from(value, charsmap, 0);
  return charsmap;
}

TextNormalizer::TextNormalizer(const json& value, const std::string& place, std::string_view charsmap) {
  if (value.is_null()) return;
  add(JsonFields(value, place, ErrorKind::kModel, "normalizer."), charsmap, 0);
}

void TextNormalizer::add(const JsonFields& fields, std::string_view charsmap, int depth) {
  const std::string type = fields.text("type");
  if (type == "Sequence" && depth < kMaxNesting) {
    const json& steps = fields.at("normalizers");
    if (!steps.is_array() || steps.size() > 32) fields.fail("normalizers", "is not a list of up to 32 steps");
    for (const json& step : steps) {
      add(JsonFields(step, fields.place(), ErrorKind::kModel, "normalizer.normalizers."), charsmap,
          depth + 1);
    }
  } else if (type == "Precompiled") {
    // Files of newer versions have it empty where it changes nothing.
    if (charsmap.empty()) return;
    steps_.emplace_back(
        [map = PrecompiledCharsmap(charsmap)](std::string_view text) { return map.normalize(text); });
  } else if (type == "Replace") {
    steps_.emplace_back([pattern = read_pattern(fields.object("pattern")),
                         content = read_inserted(fields, "content")](std::string_view text) {
      return pattern.replace(text, content);
    });
  } else if (type == "Lowercase") {
    steps_.emplace_back(&lower_case_text);
  } else if (type == "Prepend") {
    steps_.emplace_back([prefix = read_inserted(fields, "prepend")](std::string_view text) {
      return text.empty() ? std::string() : prefix + std::string(text);
    });
  } else if (type == "Strip") {
    steps_.emplace_back([is_left = fields.boolean_or("strip_left", true),
                         is_right = fields.boolean_or("strip_right", true)](std::string_view text) {
      return strip_blanks(text, is_left, is_right);
    });
  } else if (type == "BertNormalizer") {
    BertNormalizerFlags flags;
    flags.clean_text = fields.boolean_or("clean_text", true);
    flags.handle_chinese_chars = fields.boolean_or("handle_chinese_chars", true);
    flags.lowercase = fields.boolean_or("lowercase", true);
    flags.strip_accents = fields.boolean_or("strip_accents", flags.lowercase);
    steps_.emplace_back([flags](std::string_view text) { return bert_normalize(text, flags); });
  } else {
    fields.fail("type", "is \"" + type.substr(0, 40) + "\", which is not read");
  }
}

std::string TextNormalizer::normalize(std::string_view text) const {
  std::string normalized(text);
  for (const auto& step : steps_) normalized = step(normalized);
  return normalized;
}

}  // namespace clipcls

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/text_cleaning.h"
#include "text/token_encoder.h"

namespace clipcls {

/// Makes token ids of texts, as the tokenizer that a model was trained with. There are two kinds:
///
/// CLIP's byte-level byte-pair encoding (open_clip's SimpleTokenizer): clean, lower-case, split, merge. The
/// ids equal those of open_clip for every text but two kinds:
///  - Mis-decoded text ("schÃ¶n" for "schön"), which ftfy recognizes by a guess and repairs; here it stays.
///  - HTML entities escaped more than 100 times over ("&amp;amp;amp;...").
/// They do not depend on the ICU installed: the Unicode versions of the reference (Python 3.11, regex
/// 2026.11) are built in. Invalid UTF-8 is read as Python's bytes.decode("utf-8", errors="replace") reads it.
///
/// What Hugging Face's tokenizers compute from a tokenizer.json, which is read once (text/tokenizer_import.h)
/// and kept as a tokenizer.bin. The ids equal those of Tokenizer.from_file() of tokenizers 0.23.
///
/// Thread-safe: all member functions are const.
class Tokenizer {
 public:
  /// Goes up with every change that gives other ids for some text: what was computed from ids is then stale.
  static constexpr std::uint64_t kVersion = 1;

  /// CLIP's 49,408-token vocabulary, which is compiled in.
  Tokenizer();

  /// A vocabulary of its own: `merges_text` is a merges file, a "#version" line, then one "left right" pair a
  /// line. vocab_size becomes 256 + 256 + number of merges + 2.
  /// Throws Error (kModel) that names the line when a line is no pair, uses a symbol that no line above
  /// builds, or builds one a second time. The message starts with "merges file, line N"; the caller adds the
  /// path.
  explicit Tokenizer(std::string_view merges_text);

  /// `bytes`: a tokenizer.bin, which is used where it lies; `owner` keeps it there. `cleaning`: what the
  /// source of the model does with a text before. Throws Error (kModel), without the file's name, where it is
  /// damaged. Takes a few milliseconds.
  static Tokenizer of_bytes(std::string_view bytes, std::shared_ptr<const void> owner,
                            TextCleaning cleaning = TextCleaning::kNone);

  ~Tokenizer();
  Tokenizer(Tokenizer&& other) noexcept;
  Tokenizer& operator=(Tokenizer&& other) noexcept;

  /// Ids of `text` between a start and an end token, of which SigLIP's have the latter alone. Above
  /// `context_length` ids the tail is cut and the end token kept, as in the references. `context_length` of 0
  /// means no limit; one that those tokens do not fit into throws Error (kModel).
  TokenizedPrompt tokenize(std::string_view text, std::size_t context_length = 0) const;

  /// Whether both give every text the same ids.
  bool operator==(const Tokenizer& other) const;

  std::int64_t vocab_size() const;
  std::int64_t sot_token_id() const;  ///< CLIP: vocab_size - 2; the end token where there is no start token
  std::int64_t eot_token_id() const;  ///< CLIP: vocab_size - 1, the highest id; 0 where there is none

 private:
  explicit Tokenizer(std::unique_ptr<const TokenEncoder> encoder);

  std::unique_ptr<const TokenEncoder> encoder_;
};

}  // namespace clipcls

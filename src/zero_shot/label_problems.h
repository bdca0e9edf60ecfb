#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "text/tokenizer.h"
#include "zero_shot/label_set.h"

namespace clipcls {

enum class LabelProblemKind {
  kDuplicate,   ///< two labels are one name but for case, normal form, '_' and blanks
  kSameTokens,  ///< two labels have other names and the same token ids
  kSimilar,     ///< two labels' embeddings nearly coincide
  kTruncated,   ///< a prompt does not fit into the model
  kCommas,      ///< the only label has commas: most likely several labels in one line
};

/// The word for `kind` in JSON output: "duplicate", "same_tokens", "similar", "truncated" or "commas".
const char* label_problem_name(LabelProblemKind kind);

/// Whether the only label has commas, and most likely is several.
bool is_one_line_of_labels(const LabelSet& label_set);

struct LabelProblem {
  LabelProblemKind kind = LabelProblemKind::kDuplicate;
  std::size_t label = 0;
  std::size_t other = 0;       ///< an earlier label; of kTruncated and kCommas the label itself
  double similarity = 0;       ///< of kSimilar: the cosine
  std::string prompt;          ///< of kTruncated
  std::size_t num_tokens = 0;  ///< of kTruncated: of the whole prompt, start and end token included
};

/// Labels that a model cannot tell apart, and prompts that it cannot read to their end. Two labels are
/// reported once, for the first reason in the order of the kinds. `rows` are those of the labels,
/// `embeddings`: [num_rows, embed_dim], unit rows.
std::vector<LabelProblem> find_label_problems(const LabelSet& label_set, const PromptRows& rows,
                                              const Matrix& embeddings, const Tokenizer& tokenizer,
                                              std::size_t context_length, double max_similarity);

}  // namespace clipcls

#include "zero_shot/label_problems.h"

#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "dot_products.h"
#include "zero_shot/labels.h"

namespace clipcls {
namespace {

using Pair = std::pair<std::size_t, std::size_t>;  ///< a label and an earlier one

/// Reports each label whose key an earlier label has, with the first that has it.
template <typename Key, typename KeyOf>
void find_equal(std::vector<LabelProblem>& problems, std::set<Pair>& reported, LabelProblemKind kind,
                std::size_t num_labels, KeyOf key_of) {
  std::map<Key, std::size_t> first_of_key;
  for (std::size_t label = 0; label < num_labels; ++label) {
    const auto [first, is_new] = first_of_key.emplace(key_of(label), label);
    // A pair is reported once, by the check that comes first: equal names have equal tokens, too.
    if (is_new || !reported.emplace(label, first->second).second) continue;
    problems.push_back({kind, label, first->second, 0, {}, 0});
  }
}

}  // namespace

const char* label_problem_name(LabelProblemKind kind) {
  switch (kind) {
    case LabelProblemKind::kDuplicate:
      return "duplicate";
    case LabelProblemKind::kSameTokens:
      return "same_tokens";
    case LabelProblemKind::kSimilar:
      return "similar";
    case LabelProblemKind::kTruncated:
      return "truncated";
    case LabelProblemKind::kCommas:
      return "commas";
  }
  return "unknown";
}

bool is_one_line_of_labels(const LabelSet& label_set) {
  return label_set.labels.size() == 1 && label_set.labels[0].name.find(',') != std::string::npos;
}

std::vector<LabelProblem> find_label_problems(const LabelSet& label_set, const PromptRows& rows,
                                              const Matrix& embeddings, const Tokenizer& tokenizer,
                                              std::size_t context_length, double max_similarity) {
  std::vector<LabelProblem> problems;
  std::set<Pair> reported;
  const std::size_t num_labels = label_set.labels.size();
  find_equal<std::string>(problems, reported, LabelProblemKind::kDuplicate, num_labels,
                          [&](std::size_t label) { return fold_label(label_set.labels[label].name); });

  using TokenIds = std::vector<std::vector<std::int64_t>>;
  std::vector<TokenIds> token_ids(num_labels);  // of all prompts of a label
  // Reported last: it is a problem of one label, and the others are of pairs.
  std::vector<LabelProblem> truncated;
  for (std::size_t row = 0; row < rows.prompts.size(); ++row) {
    const std::size_t label = rows.label_of_row[row];
    for (const std::string& prompt : rows.prompts[row]) {
      TokenizedPrompt tokenized = tokenizer.tokenize(prompt, context_length);
      // Tokenized again without a limit: the message says how long the prompt is.
      if (tokenized.is_truncated) {
        truncated.push_back({LabelProblemKind::kTruncated, label, label, 0, prompt,
                             tokenizer.tokenize(prompt).token_ids.size()});
      }
      token_ids[label].push_back(std::move(tokenized.token_ids));
    }
  }
  find_equal<TokenIds>(problems, reported, LabelProblemKind::kSameTokens, num_labels,
                       [&](std::size_t label) { return token_ids[label]; });

  const DoubleRows unit_rows(embeddings.values, embeddings.rows, embeddings.cols);
  std::vector<double> cosines(embeddings.rows);
  for (std::size_t row = 0; row < embeddings.rows; ++row) {
    // A row at a time: all pairs at once would take memory for the square of the labels.
    dot_products(DoubleRows(embeddings.row(row), 1, embeddings.cols), unit_rows, cosines);
    for (std::size_t other = 0; other < row; ++other) {
      const Pair pair = {rows.label_of_row[row], rows.label_of_row[other]};
      if (pair.first == pair.second || cosines[other] <= max_similarity || !reported.insert(pair).second)
        continue;
      problems.push_back({LabelProblemKind::kSimilar, pair.first, pair.second, cosines[other], {}, 0});
    }
  }
  problems.insert(problems.end(), truncated.begin(), truncated.end());
  if (is_one_line_of_labels(label_set)) problems.push_back({LabelProblemKind::kCommas, 0, 0, 0, {}, 0});
  return problems;
}

}  // namespace clipcls

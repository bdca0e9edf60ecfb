#include "zero_shot/label_set.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/closest_word.h"
#include "clipcls/error.h"
#include "files/text_file.h"
#include "label_set_json.h"
#include "zero_shot/labels.h"

namespace clipcls {
namespace {

constexpr std::string_view kPlaceholder = "{}";

/// "cat<TAB>a cat.<TAB>a kitten." Blanks around each part are no part of it, and empty parts are skipped.
Label parse_line(std::string_view line) {
  Label label;
  bool is_first = true;
  while (!line.empty()) {
    const std::size_t end = line.find('\t');
    const std::string_view part = trim_invisible(line.substr(0, end));
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    if (is_first) {
      label.name = part;
    } else if (!part.empty()) {
      label.prompts.emplace_back(part);
    }
    is_first = false;
  }
  return label;
}

/// The words of "cat,dog, hot dog"; none where it is no such text.
std::vector<std::string> words_between_commas(const std::string& text) {
  if (text.find(',') == std::string::npos || text.find('/') != std::string::npos) return {};
  // The shell has taken the words apart.
  if (text.ends_with(','))
    throw Error(ErrorKind::kLabels, text + " ends with a comma; write cat,dog or 'cat, dog'");
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    words.push_back(clean_label(text.substr(begin, end - begin), text));
    begin = end + 1;
  }
  return words;
}

/// `names`, each where it stands first: like a label, what is given twice counts once. Else a member of a bin
/// would add its score twice.
std::vector<std::string_view> each_once(const std::vector<std::string>& names) {
  std::vector<std::string_view> result;
  std::unordered_set<std::string_view> known;
  for (const std::string& name : names) {
    if (known.insert(name).second) result.push_back(name);
  }
  return result;
}

bool has_name_alone(const Label& label) { return label == Label{label.name, {}, {}, {}, {}}; }

}  // namespace

LabelSet parse_label_set(std::string_view text, const std::string& place) {
  if (auto label_set = parse_label_set_json(text, place)) return std::move(*label_set);
  LabelSet label_set;
  for (const std::string& line : parse_labels(text, place)) label_set.labels.push_back(parse_line(line));
  return label_set;
}

LabelSet find_label_set(const std::string& file_or_name, const ReadText& read) {
  const std::string_view* const built_in = find_builtin_labels(file_or_name);
  if (names_list_file(file_or_name, built_in != nullptr))
    return parse_label_set(read(file_or_name), place_of(file_or_name));
  if (built_in != nullptr) return parse_label_set(*built_in, file_or_name);
  LabelSet label_set;
  for (const std::string& word : words_between_commas(file_or_name))
    label_set.labels.push_back({word, {}, {}, {}, {}});
  if (!label_set.labels.empty()) return label_set;
  const bool may_be_a_label = file_or_name.find_first_of("./") == std::string::npos;
  throw Error(ErrorKind::kLabels, file_or_name + ": no such file, nor a built-in label list (" +
                                      builtin_label_names() + ")" +
                                      perhaps_meant(file_or_name, builtin_label_list()) +
                                      (may_be_a_label ? "; labels are written cat,dog" : ""));
}

RepeatedLabels drop_repeated_labels(LabelSet& label_set) {
  RepeatedLabels repeated;
  std::vector<Label>& labels = label_set.labels;
  std::unordered_map<std::string_view, std::size_t> first_of_name;
  std::vector<std::size_t> dropped;
  first_of_name.reserve(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto [first, is_new] = first_of_name.emplace(labels[i].name, i);
    if (is_new) continue;
    // A repetition that says the same, or gives the name alone, is harmless. Of two that differ nobody knows
    // which is meant.
    if (label_set.weights || !(labels[i] == labels[first->second] || has_name_alone(labels[i]))) {
      throw Error(ErrorKind::kLabels, "label \"" + labels[i].name + "\" is given twice, with other " +
                                          (label_set.weights ? "weights" : "prompts") +
                                          " the second time; give it once, with all that belongs to it");
    }
    dropped.push_back(i);
  }
  if (dropped.empty()) return repeated;
  // Before the labels move: this name is one of those that go.
  repeated = {labels[dropped.front()].name, dropped.size()};
  std::size_t num_kept = 0;
  auto next_dropped = dropped.begin();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (next_dropped != dropped.end() && *next_dropped == i) {
      ++next_dropped;
    } else if (const std::size_t to = num_kept++; to != i) {
      labels[to] = std::move(labels[i]);
    }
  }
  labels.resize(num_kept);
  return repeated;
}

PromptRows fill_prompts(const LabelSet& label_set, const std::vector<PromptTemplate>& templates) {
  PromptRows rows;
  const auto add_row = [&](std::size_t label, std::vector<std::string> prompts) {
    rows.prompts.push_back(std::move(prompts));
    rows.label_of_row.push_back(label);
  };
  const auto fill = [&](std::vector<std::string>& prompts, std::string_view name) {
    for (const PromptTemplate& prompt_template : templates) prompts.push_back(prompt_template.fill(name));
  };
  for (std::size_t i = 0; i < label_set.labels.size(); ++i) {
    const Label& label = label_set.labels[i];
    // A bin keeps a row for each member; their scores are added up later.
    for (const std::string_view member : each_once(label.bin)) {
      std::vector<std::string> prompts;
      fill(prompts, member);
      add_row(i, std::move(prompts));
    }
    if (!label.bin.empty()) continue;
    std::vector<std::string> prompts;
    for (const std::string& prompt : label.prompts) prompts.push_back(fill_prompt(prompt, label.name));
    // A label's own prompts replace the templates for its name, not for its synonyms.
    if (label.prompts.empty()) fill(prompts, label.name);
    for (const std::string_view synonym : each_once(label.synonyms)) {
      if (synonym != label.name || !label.prompts.empty()) fill(prompts, synonym);
    }
    add_row(i, std::move(prompts));
  }
  return rows;
}

std::string fill_prompt(std::string_view text, std::string_view label) {
  std::string filled;
  for (;;) {
    const std::size_t position = text.find(kPlaceholder);
    filled += text.substr(0, position);
    if (position == std::string_view::npos) return filled;
    // The label is not searched: one that holds {} is not filled into itself.
    filled += label;
    text.remove_prefix(position + kPlaceholder.size());
  }
}

}  // namespace clipcls

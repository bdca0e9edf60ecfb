#include <CLI/App.hpp>
#include <algorithm>
#include <utility>

#include "base/closest_word.h"
#include "cli/flags/declaration.h"
#include "cli/flags/flag_numbers.h"

namespace clipcls {

OptionDeclaration* OptionDeclaration::type_name(const std::string& name) {
  option_->type_name(name);
  return this;
}

OptionDeclaration* OptionDeclaration::required() {
  option_->required();
  return this;
}

OptionDeclaration* OptionDeclaration::group(const std::string& name) {
  option_->group(name);
  return this;
}

OptionDeclaration* OptionDeclaration::brief(const std::string& text) {
  brief_ = text;
  return this;
}

OptionDeclaration* OptionDeclaration::offers(std::vector<std::string> words) {
  known_ = std::move(words);
  return this;
}

OptionDeclaration* OptionDeclaration::offers_models() {
  is_model_ = true;
  return this;
}

OptionDeclaration* OptionDeclaration::show_default() {
  option_->default_str(value_());
  return this;
}

OptionDeclaration* OptionDeclaration::holds(std::function<bool()> does_hold) {
  value_ = [does_hold = std::move(does_hold)] { return does_hold() ? "yes" : "no"; };
  return this;
}

OptionDeclaration* OptionDeclaration::needs(const std::string& name) {
  option_->needs(app_->get_option(name));
  return this;
}

OptionDeclaration* OptionDeclaration::excludes(const std::string& name) {
  option_->excludes(app_->get_option(name));
  return this;
}

OptionDeclaration* CommandDeclaration::declare(CLI::Option* option, std::function<std::string()> value) {
  options_.emplace_back();
  options_.back().app_ = app_;
  options_.back().option_ = option;
  options_.back().value_ = std::move(value);
  return &options_.back();
}

OptionDeclaration* CommandDeclaration::add_option(const std::string& names, std::string& value,
                                                  const std::string& help) {
  CLI::Option* const option =
      app_->add_option(names, value, help)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  return declare(option, [&value] { return value; });
}

OptionDeclaration* CommandDeclaration::add_option(const std::string& names, std::vector<std::string>& values,
                                                  const std::string& help) {
  // Taken as they are: CLI11's own vectors drop a lone "{}", the template of the bare label, and take values
  // in brackets apart, such as the folder "[a,b]".
  const CLI::callback_t set = [&values](const CLI::results_t& given) {
    values = given;
    return true;
  };
  CLI::Option* const option = app_->add_option(names, set, help)
                                  ->type_size(1)
                                  ->expected(1, CLI::detail::expected_max_vector_size)
                                  ->allow_extra_args(false);
  return declare(option, [&values] {
    std::string text;
    for (const std::string& value : values) text.append(text.empty() ? "" : "\n").append(value);
    return text;
  });
}

OptionDeclaration* CommandDeclaration::add_option(const std::string& names,
                                                  const std::function<void(const std::string&)>& set,
                                                  std::function<std::string()> value,
                                                  const std::string& help) {
  CLI::Option* const option = app_->add_option_function<std::string>(names, set, help)
                                  ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  return declare(option, std::move(value));
}

OptionDeclaration* CommandDeclaration::add_whole_number(const std::string& names,
                                                        const std::function<void(std::uint64_t)>& set,
                                                        const std::function<std::uint64_t()>& value,
                                                        std::uint64_t low, std::uint64_t high,
                                                        const std::string& help) {
  const bool has_default = value() >= low && value() <= high;
  OptionDeclaration* const option = add_option(
      names, [=](const std::string& text) { set(parse_whole_number(names, text, low, high)); },
      [value] { return std::to_string(value()); }, help);
  return has_default ? option->show_default() : option;
}

OptionDeclaration* CommandDeclaration::add_number(const std::string& names, double& value, double low,
                                                  double high, const std::string& help) {
  OptionDeclaration* const option = add_option(
      names, [=, &value](const std::string& text) { value = parse_number(names, text, low, high); },
      [&value] { return number_text(value); }, help);
  option->option_->default_str(bound_text(value));
  return option;
}

OptionDeclaration* CommandDeclaration::add_number(const std::string& names, std::optional<double>& value,
                                                  double low, double high, const std::string& help) {
  return add_option(
      names, [=, &value](const std::string& text) { value = parse_number(names, text, low, high); },
      [&value] { return value ? number_text(*value) : "none"; }, help);
}

OptionDeclaration* CommandDeclaration::add_word(const std::string& names,
                                                const std::vector<std::string>& words,
                                                const std::function<void(const std::string&)>& set,
                                                std::function<std::string()> value, const std::string& help) {
  std::string choices;
  for (const std::string& word : words) choices += (choices.empty() ? "" : "|") + word;
  return add_option(
             names,
             [=](const std::string& word) {
               if (std::ranges::find(words, word) == words.end())
                 refuse_value(names, "\"" + word + "\"",
                              "not one of " + choices + perhaps_meant(word, words));
               set(word);
             },
             std::move(value), help)
      ->type_name(choices);
}

OptionDeclaration* CommandDeclaration::add_flag(const std::string& names, bool& value,
                                                const std::string& help) {
  return add_flag_callback(
      names, [&value] { value = true; }, help);
}

OptionDeclaration* CommandDeclaration::add_flag_callback(const std::string& names,
                                                         std::function<void()> function,
                                                         const std::string& help) {
  CLI::Option* const option = app_->add_flag_callback(names, std::move(function), help);
  return declare(option, [option] { return option->count() > 0 ? "yes" : "no"; });
}

}  // namespace clipcls

#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <string>

namespace clipcls {

/// CLI11's range check without its own words in the help text.
template <typename Number>
CLI::Validator in_range(Number low, Number high) {
  CLI::Range range(low, high, "range");
  range.description("");
  return range;
}

/// An option whose value is one of the words of `choices`, which must outlive `app`.
template <typename Value, typename Map>
CLI::Option* add_choice(CLI::App& app, const std::string& flags, Value& value, const Map& choices,
                        const std::string& help) {
  std::string words;
  for (const auto& [word, ignored] : choices) words += (words.empty() ? "" : "|") + word;
  return app
      .add_option_function<std::string>(
          flags,
          [&value, &choices, flags, words](const std::string& word) {
            const auto found = choices.find(word);
            if (found == choices.end())
              throw CLI::ValidationError(flags, "\"" + word + "\" is not one of " + words);
            value = found->second;
          },
          help)
      ->type_name(words);
}

}  // namespace clipcls

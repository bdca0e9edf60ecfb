#include "cli/flags/declaration.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "base/closest_word.h"
#include "cli/flags/command_words.h"
#include "cli/flags/flag_numbers.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

/// Says where a command stands.
class HelpFormatter : public CLI::Formatter {
  std::string make_usage(const CLI::App* app, std::string name) const override {
    std::string usage = CLI::Formatter::make_usage(app, name);
    const std::string anywhere = " [SUBCOMMAND]";
    const std::size_t place = usage.find(anywhere);
    if (place != std::string::npos)
      usage.replace(place, anywhere.size(), "\n       " + name + " SUBCOMMAND ...");
    return usage;
  }
};

OptionDescription describe_option(const CLI::Option& option) {
  OptionDescription described;
  for (const std::string& name : option.get_lnames()) described.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) described.names.push_back("-" + name);
  described.takes_value = option.get_items_expected_max() > 0;
  described.repeats = option.get_items_expected_max() > 1;
  described.argument = described.names.empty() ? option.get_name() : option.get_type_name();
  described.choices = choices_of(option.get_type_name());
  described.default_value = option.get_default_str();
  described.help = option.get_description();
  described.group = option.get_group();
  described.is_required = option.get_required();
  return described;
}

CommandDescription describe_command(const CLI::App& app, std::vector<std::string> names) {
  names.push_back(app.get_name());
  CommandDescription command{names, app.get_description(), app.get_footer(), {}, {}};
  for (const CLI::Option* option : app.get_options()) command.options.push_back(describe_option(*option));
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; }))
    command.commands.push_back(describe_command(*child, names));
  return command;
}

}  // namespace

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

CommandDeclaration::CommandDeclaration(const std::string& name, const std::string& help)
    : program_(std::make_shared<CLI::App>(help, name)), app_(program_.get()) {
  app_->formatter(std::make_shared<HelpFormatter>());
}

CommandDeclaration::~CommandDeclaration() = default;

CommandDeclaration* CommandDeclaration::add_subcommand(const std::string& name, const std::string& help) {
  if (!program_) app_->require_subcommand(1);
  commands_.push_back(std::unique_ptr<CommandDeclaration>(new CommandDeclaration()));
  commands_.back()->app_ = app_->add_subcommand(name, help);
  return commands_.back().get();
}

CommandDeclaration* CommandDeclaration::find_subcommand(const std::string& name) const {
  const auto found =
      std::ranges::find_if(commands_, [&](const auto& command) { return command->app_->get_name() == name; });
  return found == commands_.end() ? nullptr : found->get();
}

void CommandDeclaration::footer(const std::string& text) { app_->footer(text); }

void CommandDeclaration::add_version(std::function<std::string()> text) {
  app_->add_flag("--version")->description("Display program version information and exit");
  version_ = std::move(text);
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

CommandDescription CommandDeclaration::describe() const { return describe_command(*app_, {}); }

ParsedWords CommandDeclaration::parse(int argc, const char* const* argv) {
  const CommandDescription program = describe();
  const GivenWords given = read_words(program, {argv + 1, argv + argc});
  CommandDeclaration* command = this;
  std::vector<std::string> names;  // in CLI11's order, the first last
  std::string above;
  for (auto name = given.command->names.begin() + 1; name != given.command->names.end(); ++name) {
    above += (above.empty() ? "" : " ") + command->app_->get_name();
    command = command->find_subcommand(*name);
    names.insert(names.begin(), *name);
  }
  for (const auto& [option, value] : given.options) {
    const std::string name = option->names.empty() ? option->argument : option->names.front();
    if (name == "--help") return {command->app_->help(above), nullptr};
    if (name == "--version") return {version_() + "\n", nullptr};
    command->app_->get_option(name)->add_result(value);
  }
  try {
    app_->parse(names);
  } catch (const CLI::ParseError& error) {
    throw Error(ErrorKind::kUsage, std::string(error.what()) + "; see " + given.command->name() + " --help");
  }
  return {std::nullopt, command};
}

std::size_t CommandDeclaration::count(const std::string& name) const {
  const CLI::Option* const option = app_->get_option_no_throw(name);
  return option == nullptr ? 0 : option->count();
}

FlagValues CommandDeclaration::values() const {
  FlagValues values;
  for (const OptionDeclaration& option : options_) {
    if (!option.option_->get_lnames().empty())
      values.emplace_back("--" + option.option_->get_lnames().front(), option.value_());
  }
  return values;
}

}  // namespace clipcls

#include "cli/flags/declaration.h"

#include <CLI/App.hpp>
#include <CLI/Formatter.hpp>  // CLI::App makes one
#include <algorithm>
#include <set>

#include "cli/flags/command_words.h"
#include "cli/help/help_text.h"
#include "cli/help/option_groups.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

constexpr const char* kHelp = "--help";
constexpr const char* kShortHelp = "-h";
constexpr const char* kVersion = "--version";
constexpr const char* kNoConfiguration = "--no-config";

std::vector<std::string> sorted_names(const std::set<CLI::Option*>& options) {
  std::vector<std::string> names;
  names.reserve(options.size());
  for (const CLI::Option* option : options) names.push_back("--" + option->get_lnames().front());
  std::ranges::sort(names);
  return names;
}

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
  described.needs = sorted_names(option.get_needs());
  described.excludes = sorted_names(option.get_excludes());
  described.is_required = option.get_required();
  return described;
}

}  // namespace

CommandDeclaration::CommandDeclaration(const std::string& name, const std::string& help)
    : program_(std::make_shared<CLI::App>(help, name)), app_(program_.get()), names_({name}) {
  add_help();
}

CommandDeclaration::~CommandDeclaration() = default;

CommandDeclaration* CommandDeclaration::add_subcommand(const std::string& name, const std::string& help) {
  if (!program_) app_->require_subcommand(1);
  commands_.push_back(std::unique_ptr<CommandDeclaration>(new CommandDeclaration()));
  CommandDeclaration& command = *commands_.back();
  command.app_ = app_->add_subcommand(name, help);
  command.footer("");  // else CLI11 hands on that of the command above, and its last group
  command.names_ = names_;
  command.names_.push_back(name);
  command.add_help();
  command.group(kGeneralGroup);
  return &command;
}

CommandDeclaration* CommandDeclaration::find_subcommand(const std::string& name) const {
  const auto found =
      std::ranges::find_if(commands_, [&](const auto& command) { return command->app_->get_name() == name; });
  return found == commands_.end() ? nullptr : found->get();
}

void CommandDeclaration::footer(const std::string& text) { app_->footer(text); }

void CommandDeclaration::group(const std::string& name) { app_->option_defaults()->group(name); }

/// In place of CLI11's own, which knows one kind of help.
void CommandDeclaration::add_help() {
  app_->set_help_flag();
  app_->add_flag(kShortHelp)->description("Print what one needs first")->group(kGeneralGroup);
  app_->add_flag(kHelp)->description("Print this help: everything")->group(kGeneralGroup);
}

void CommandDeclaration::add_version(std::function<std::string()> text) {
  app_->add_flag("-V,--version")->description("Print the version")->group(kGeneralGroup);
  version_ = std::move(text);
}

void CommandDeclaration::take_configuration() {
  for (const auto& below : commands_) below->take_configuration();
  if (!takes_configuration_ || (!program_ && !commands_.empty())) return;
  app_->add_flag(kNoConfiguration)
      ->description("Leave out the configuration file, which presets flags: ~/.config/clipcls/config.toml")
      ->group(kGeneralGroup);
}

void CommandDeclaration::apply(const Preset& preset) {
  CLI::Option* const option = app_->get_option(preset.flag);
  for (const std::string& value : preset.values) option->add_result(value);
  try {
    option->run_callback();
  } catch (const Error& error) {
    std::string problem = error.what();
    if (problem.starts_with("--")) problem.erase(0, 2);  // keys have no dashes
    throw Error(ErrorKind::kUsage, preset.place + ": " + problem + kNoConfigurationRemedy);
  }
}

void CommandDeclaration::apply_configuration(const CommandDescription& program, const GivenWords& given) {
  try {
    configuration_.file = read_configuration_file();
    configuration_.presets = presets_for(configuration_.file, program, given);
    for (const Preset& preset : configuration_.presets) apply(preset);
  } catch (const Error& error) {
    if (!tolerates_bad_configuration_) throw;
    for (const Preset& preset : configuration_.presets) app_->get_option(preset.flag)->clear();
    configuration_.presets.clear();
    configuration_.problem = error.what();
  }
}

CommandDescription CommandDeclaration::describe() const {
  CommandDescription command;
  command.names = names_;
  command.help = app_->get_description();
  command.footer = app_->get_footer();
  command.examples = examples_;
  command.exit_codes = exit_codes_;
  for (const CLI::Option* option : app_->get_options()) {
    OptionDescription& described = command.options.emplace_back(describe_option(*option));
    const auto declared = std::ranges::find(options_, option, &OptionDeclaration::option_);
    if (declared == options_.end()) continue;
    described.brief = declared->brief_;
    described.known = declared->known_;
    described.is_model = declared->is_model_;
  }
  for (const auto& below : commands_) command.commands.push_back(below->describe());
  return command;
}

ParsedWords CommandDeclaration::parse(int argc, const char* const* argv) {
  const CommandDescription program = describe();
  const GivenWords given = read_words(program, {argv + 1, argv + argc});
  CommandDeclaration* command = this;
  std::vector<std::string> names;  // in CLI11's order, the first last
  for (auto name = given.command->names.begin() + 1; name != given.command->names.end(); ++name) {
    command = command->find_subcommand(*name);
    names.insert(names.begin(), *name);
  }
  for (const auto& [option, value] : given.options) {
    const std::string& name = option->long_name();
    if (name == kShortHelp) return {write_short_help(*given.command, help_columns()), nullptr};
    if (name == kHelp) return {write_help(*given.command, help_columns()), nullptr};
    if (name == kVersion) return {version_text(), nullptr};
    command->app_->get_option(name)->add_result(value);
  }
  if (command->app_->get_option_no_throw(kNoConfiguration) != nullptr &&
      command->count(kNoConfiguration) == 0)
    command->apply_configuration(program, given);
  try {
    app_->parse(names);
  } catch (const CLI::ParseError& error) {
    throw Error(ErrorKind::kUsage, std::string(error.what()) + "; see " + given.command->name() + " --help");
  }
  return {std::nullopt, command};
}

std::size_t CommandDeclaration::count(const std::string& name) const {
  const bool is_preset =
      std::ranges::find(configuration_.presets, name, &Preset::flag) != configuration_.presets.end();
  const CLI::Option* const option = app_->get_option_no_throw(name);
  return option == nullptr || is_preset ? 0 : option->count();
}

bool CommandDeclaration::is_given(const std::string& name) const {
  const CLI::Option* const option = app_->get_option_no_throw(name);
  return option != nullptr && option->count() > 0;
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

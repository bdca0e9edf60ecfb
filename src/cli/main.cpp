// argv -> options -> classify() -> exit code. classify.cpp reads like the flow chart of the design: labels
// and prompts on one side, images on the other, the classifier where they meet, a report at the end.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <system_error>

#include "cli/commands/cache.h"
#include "cli/commands/calibrate.h"
#include "cli/commands/classify.h"
#include "cli/commands/embed.h"
#include "cli/commands/eval.h"
#include "cli/commands/labels_check.h"
#include "cli/commands/model_fetch.h"
#include "cli/commands/model_import.h"
#include "cli/commands/model_info.h"
#include "cli/commands/model_list.h"
#include "cli/commands/model_verify.h"
#include "cli/commands/rank_features.h"
#include "cli/commands/serve.h"
#include "cli/commands/tokenize.h"
#include "cli/commands/undo.h"
#include "cli/program.h"
#include "cli/results/output_file.h"
#include "cli/terminal/interruption.h"
#include "cli/terminal/message.h"
#include "cli/terminal/surroundings.h"
#include "clipcls/error.h"
#include "clipcls/processor/processor.h"

namespace {

constexpr int kNothingDone = 2;

struct RunCommand {
  int operator()(const clipcls::ClassifyOptions& options) const {
    return options.image_features.empty() ? clipcls::classify(options) : clipcls::rescore(options);
  }
  int operator()(const clipcls::ServeOptions& options) const { return clipcls::serve(options); }
  int operator()(const clipcls::EmbedOptions& options) const { return clipcls::embed(options); }
  int operator()(const clipcls::TokenizeOptions& options) const { return clipcls::tokenize(options); }
  int operator()(const clipcls::UndoOptions& options) const { return clipcls::undo(options); }
  int operator()(const clipcls::ModelCommand& command) const { return std::visit(*this, command); }
  int operator()(const clipcls::EvalCommand& command) const { return std::visit(*this, command); }
  int operator()(const clipcls::EvalOptions& options) const { return clipcls::evaluate(options); }
  int operator()(const clipcls::CalibrateOptions& options) const { return clipcls::calibrate(options); }
  int operator()(const clipcls::CheckLabelsOptions& options) const { return clipcls::check_labels(options); }
  int operator()(const clipcls::VerifyModelOptions& options) const { return clipcls::verify_model(options); }
  int operator()(const clipcls::CacheCommand& command) const { return std::visit(*this, command); }
  int operator()(const clipcls::CacheInfoOptions& options) const { return clipcls::cache_info(options); }
  int operator()(const clipcls::CacheClearOptions& options) const { return clipcls::cache_clear(options); }
  int operator()(const clipcls::ImportModelOptions& options) const { return clipcls::import_model(options); }
  int operator()(const clipcls::ModelInfoOptions& options) const {
    return clipcls::print_model_info(options);
  }
  int operator()(const clipcls::ListModelsOptions& options) const { return clipcls::list_models(options); }
  int operator()(const clipcls::FetchModelOptions& options) const { return clipcls::fetch_model(options); }
  int operator()(const clipcls::HelpText& help) const {
    clipcls::OutputFile output;
    output.stream() << help.text;
    output.check();
    return 0;
  }
};

/// Returns from main() without the destructors of libtorch's libraries: they take 60 ms, as long as a
/// picture, to free what the system takes back at once. Sanitizers look for leaks in the ordinary way out.
int end_process(int exit_code) {
#ifndef CLIPCLS_SANITIZED
  std::cout.flush();
  std::fflush(nullptr);
  std::_Exit(exit_code);
#endif
  return exit_code;
}

int run(int argc, char** argv) {
  try {
    clipcls::this_processor();  // what CLIPCLS_MAX_ISA says wrongly shows before anything is done
    return end_process(std::visit(RunCommand(), clipcls::parse_options(argc, argv)));
  } catch (const clipcls::Error& error) {
    clipcls::print_failure(error.what());
  } catch (const std::bad_alloc&) {
    clipcls::print_failure(
        "out of memory; fewer labels, a smaller --batch-size and fewer --threads take less");
  } catch (const std::system_error& error) {  // what the system refused
    clipcls::print_failure(error.what());
  } catch (const std::exception& error) {
    clipcls::print_failure(std::string("internal error: ") + error.what());
  }
  return kNothingDone;
}

}  // namespace

int main(int argc, char** argv) {
  clipcls::settle_surroundings();
  clipcls::end_clearly_on_lost_pages();
  try {
    return clipcls::run_with_stack(run, argc, argv);
  } catch (const clipcls::Error& error) {  // not even one thread
    clipcls::print_failure(error.what());
  }
  return kNothingDone;
}

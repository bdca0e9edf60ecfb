#include "interface/require_model.h"

#include <vector>

#include "base/closest_word.h"
#include "model/find_model.h"
#if CLIPCLS_WITH_FETCH
#include "fetch/model_catalogue.h"
#endif

namespace clipcls {
namespace {

[[noreturn]] void say_how_to_fetch(const ModelNotFound& error) {
#if CLIPCLS_WITH_FETCH
  const bool is_on_hub = is_hub_reference(error.model());
  if (is_on_hub) parse_hub_reference(error.model());  // throws where no repository can have that name
  if (is_on_hub || find_published_model(error.model()) != nullptr)
    throw Error(ErrorKind::kModel, error.place() + "; clipcls model fetch " + error.model() + " gets it");
  std::vector<std::string> names;
  for (const PublishedModel& published : published_models()) names.push_back(published.name);
  const std::string meant = closest_word(error.model(), names);
  // A name that is known here is nearer at hand.
  if (!meant.empty() && !error.has_suggestion()) {
    throw Error(ErrorKind::kModel, std::string(error.what()) + "; perhaps " + meant +
                                       " is meant: clipcls model fetch " + meant + " gets it");
  }
#endif
  throw error;
}

}  // namespace

std::filesystem::path require_model(const std::string& model) {
  try {
    return find_model(model);
  } catch (const ModelNotFound& error) {
    say_how_to_fetch(error);
  }
}

std::filesystem::path require_model_folder(const std::string& model) {
  try {
    return find_model_folder(model);
  } catch (const ModelNotFound& error) {
    say_how_to_fetch(error);
  }
}

}  // namespace clipcls

#include "clipcls/model.h"

#include <utility>

#include "clipcls/error.h"
#include "interface/model_impl.h"
#include "interface/require_model.h"
#include "model/load_model.h"
#include "model/load_tokenizer.h"
#include "processor/processor.h"
#include "zero_shot/encode_prompts.h"

namespace clipcls {
namespace {

constexpr std::size_t kMaxThreads = 1024;

Precision precision_of(ModelOptions::Precision precision) {
  switch (precision) {
    case ModelOptions::Precision::kFloat32:
      return Precision::kFloat32;
    case ModelOptions::Precision::kBfloat16:
      return Precision::kBfloat16;
    case ModelOptions::Precision::kFloat16:
      return Precision::kFloat16;
    case ModelOptions::Precision::kInt8:
      return Precision::kInt8;
    case ModelOptions::Precision::kAutomatic:
      return Precision::kAutomatic;
  }
  throw Error(ErrorKind::kInvalidArgument, "`precision` is none of those that there are");
}

LoadOptions load_options(const ModelOptions& options) {
  if (options.num_threads > kMaxThreads)
    throw Error(ErrorKind::kInvalidArgument, "`num_threads` is " + std::to_string(options.num_threads) +
                                                 ", and may be at most " + std::to_string(kMaxThreads));
  LoadOptions load;
  load.num_threads = static_cast<int>(options.num_threads);
  load.precision = precision_of(options.precision);
  return resolve_device(load, options.device);
}

}  // namespace

Model::Impl::Impl(std::filesystem::path place, std::size_t threads, std::unique_ptr<ClipModel> clip_model)
    : path(std::move(place)), num_threads(threads), clip(std::move(clip_model)) {}

const Tokenizer& Model::Impl::tokenizer() {
  std::call_once(tokenizer_once_, [this] { tokenizer_ = load_tokenizer(path, clip->config().text); });
  return *tokenizer_;
}

Model::Model(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Model Model::load(const std::string& name_or_path, const ModelOptions& options) {
  // libtorch would end the process by SIGILL.
  if (const std::optional<std::string> problem = why_not_supported())
    throw Error(ErrorKind::kModel, *problem);
  const LoadOptions load = load_options(options);
  const std::filesystem::path path = require_model(name_or_path);
  return Model(std::make_shared<Impl>(path, options.num_threads, load_model(path, load)));
}

const std::string& Model::name() const { return impl_->clip->config().name; }

const std::filesystem::path& Model::path() const { return impl_->path; }

std::size_t Model::embed_dim() const { return impl_->clip->config().embed_dim; }

std::size_t Model::image_size() const {
  return static_cast<std::size_t>(impl_->clip->config().image.image_size);
}

std::size_t Model::context_length() const { return impl_->clip->config().text.context_length; }

double Model::logit_scale() const { return impl_->clip->config().logit_scale; }

std::optional<double> Model::logit_bias() const { return impl_->clip->config().logit_bias; }

bool Model::is_sigmoid() const { return impl_->clip->config().activation == Activation::kSigmoid; }

const std::vector<std::string>& Model::prompt_templates() const {
  return impl_->clip->config().prompt_templates;
}

std::string Model::precision() const { return impl_->clip->precision(); }

std::vector<float> Model::encode_image(const Image& image) const {
  return encode_images(std::span(&image, 1));
}

std::vector<float> Model::encode_images(std::span<const Image> images) const {
  return encode_pictures(*impl_, images).values;
}

std::vector<float> Model::encode_text(const std::string& text) const {
  return encode_texts(std::span(&text, 1));
}

std::vector<float> Model::encode_texts(std::span<const std::string> texts) const {
  if (texts.empty()) return {};
  const Tokenizer& tokenizer = impl_->tokenizer();
  std::vector<GroupedPrompt> prompts;
  prompts.reserve(texts.size());
  for (const std::string& text : texts)
    prompts.push_back({tokenizer.tokenize(text, context_length()).token_ids});
  return encode_prompts(*impl_->clip, prompts, {.num_workers = impl_->num_threads}).values;
}

std::vector<std::int64_t> Model::token_ids(std::string_view text) const {
  return impl_->tokenizer().tokenize(text).token_ids;
}

}  // namespace clipcls

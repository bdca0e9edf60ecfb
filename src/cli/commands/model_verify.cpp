#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numeric>

#include "cli/commands/commands.h"
#include "cli/find_model.h"
#include "cli/program.h"
#include "cli/results/output_file.h"
#include "clipcls/error.h"
#include "clipcls/image/preprocess.h"
#include "clipcls/model/model_reference.h"
#include "clipcls/model/torchscript_model.h"
#include "clipcls/zero_shot/zero_shot_weights.h"

namespace clipcls {
namespace {

/// One way to compute the features, and the smallest cosine with the reference that passes.
struct Check {
  const char* name;
  Precision precision;
  bool is_for_many_images;  ///< the rewritten encoder of a folder's run, else the plain one of a single image
  double min_cosine;
};

// fp32: the exporter's own bar; sums in another order move a cosine by 1e-7, weights stored in half precision
// by 1e-6. What bf16 and int8 cost depends on the model: 1 - cosine is near 1e-4 and 1e-3 for the embedded
// one and for ViT-B/32, and up to thirty times that where activations have outliers. The bars are those that
// the program's own models keep on every processor; a model beyond them should not be used so.
constexpr std::array<Check, 4> kChecks = {{{"fp32", Precision::kFloat32, false, 0.99999},
                                           {"fp32, many images", Precision::kFloat32, true, 0.99999},
                                           {"bf16", Precision::kBfloat16, true, 0.999},
                                           {"int8", Precision::kInt8, true, 0.99}}};

/// What a cosine of that size allows: two vectors may each be turned by sqrt(2 (1 - min_cosine)) radians.
double max_similarity_difference(double min_cosine) { return 2 * std::sqrt(2 * (1 - min_cosine)); }

// Enough for an encoder to be made ready for many.
constexpr std::size_t kManyImages = 1000;
constexpr std::size_t kManyTokens = 100'000;

double cosine(std::span<const float> a, std::span<const float> b) {
  std::vector<float> unit_a(a.begin(), a.end());
  std::vector<float> unit_b(b.begin(), b.end());
  normalize_l2(unit_a);
  normalize_l2(unit_b);
  return std::inner_product(unit_a.begin(), unit_a.end(), unit_b.begin(), 0.0);
}

double smallest_cosine(const Matrix& actual, const Matrix& expected) {
  double smallest = 1;
  for (std::size_t row = 0; row < expected.rows; ++row) {
    smallest = std::min(smallest, cosine(actual.row(row), expected.row(row)));
  }
  return smallest;
}

/// One line a check; remembers whether any failed.
class Checklist {
 public:
  explicit Checklist(std::ostream& output) : output_(&output) {}

  void equal(const std::string& name, std::size_t num_equal, std::size_t num_all) {
    line(name, num_equal == num_all, std::to_string(num_equal) + " of " + std::to_string(num_all) + " equal");
  }

  void at_least(const std::string& name, double value, double bar) {
    line(name, value >= bar, fmt::format("smallest cosine {:.8f} (at least {:g})", value, bar));
  }

  void at_most(const std::string& name, double value, double bar) {
    line(name, value <= bar, fmt::format("largest difference {:.2g} (at most {:.2g})", value, bar));
  }

  /// That a check could not be made.
  void failed(const std::string& name, const std::string& why) { line(name, false, why); }

  /// What is worth knowing, and no check.
  void note(const std::string& name, const std::string& what) {
    *output_ << "note  " << name << ": " << what << '\n';
  }

  bool has_failed() const { return has_failed_; }

 private:
  void line(const std::string& name, bool is_right, const std::string& figures) {
    has_failed_ = has_failed_ || !is_right;
    *output_ << (is_right ? "ok    " : "FAIL  ") << name << ": " << figures << '\n';
  }

  std::ostream* output_;
  bool has_failed_ = false;
};

void check_texts(const ModelReference& reference, const Tokenizer& tokenizer, const TextConfig& config,
                 Checklist& checklist) {
  const auto num_equal = std::ranges::count_if(reference.texts, [&](const ReferenceText& text) {
    return tokenizer.tokenize(text.text, config.context_length).token_ids == text.token_ids;
  });
  checklist.equal("token ids of texts", static_cast<std::size_t>(num_equal), reference.texts.size());
}

/// The reference's pictures, [num_pictures, 3, image_size, image_size]; their pixels are checked on the way.
std::vector<float> prepare_pictures(const ModelReference& reference, const PreprocessConfig& config,
                                    Checklist& checklist) {
  std::vector<float> pixel_values(reference.pictures.size() * config.num_pixel_values());
  std::size_t num_equal = 0;
  for (std::size_t i = 0; i < reference.pictures.size(); ++i) {
    const ReferencePicture& picture = reference.pictures[i];
    const Image image = make_reference_picture(static_cast<int>(i), picture.width, picture.height);
    const bool is_equal = fnv1a_64(image.pixels) == picture.source_checksum &&
                          fnv1a_64(resize_and_crop(image, config).pixels) == picture.resized_checksum;
    num_equal += is_equal ? 1 : 0;
    preprocess(image, config,
               std::span(pixel_values).subspan(i * config.num_pixel_values(), config.num_pixel_values()));
  }
  checklist.equal("pixels of pictures", num_equal, reference.pictures.size());
  return pixel_values;
}

/// text_features of the texts that the reference has features of.
Matrix encode_texts(const ModelReference& reference, ClipModel& model) {
  Matrix features(reference.text_features.rows, reference.text_features.cols);
  for (std::size_t row = 0; row < features.rows; ++row) {
    const std::vector<std::int64_t>& ids = reference.texts[row].token_ids;
    std::ranges::copy(model.encode_text({1, ids.size(), ids}).values, features.row(row).begin());
  }
  return features;
}

double largest_similarity_difference(const Matrix& image_features, const Matrix& text_features,
                                     const ModelReference& reference, const ModelConfig& config) {
  double largest = 0;
  for (std::size_t image = 0; image < image_features.rows; ++image) {
    for (std::size_t text = 0; text < text_features.rows; ++text) {
      const double logit = reference.logits.row(image)[text];
      const double expected = (logit - config.logit_bias.value_or(0.0)) / config.logit_scale;
      const double actual = cosine(image_features.row(image), text_features.row(text));
      largest = std::max(largest, std::abs(actual - expected));
    }
  }
  return largest;
}

void check_features(const ModelReference& reference, const std::filesystem::path& folder,
                    std::span<const float> pixel_values, const Check& check, Checklist& checklist) {
  const std::unique_ptr<ClipModel> model = load_torchscript_model(folder, {0, check.precision, {}});
  const std::size_t num_pictures = reference.pictures.size();
  if (check.is_for_many_images) {
    model->prepare_for_images({kManyImages, num_pictures, 1, 1});
    model->prepare_for_texts({kManyTokens, 1, 1});
  }
  const Matrix image_features = model->encode_image(pixel_values, num_pictures);
  const Matrix text_features = encode_texts(reference, *model);
  const std::string prefix = check.name;
  checklist.at_least(prefix + ": image features", smallest_cosine(image_features, reference.image_features),
                     check.min_cosine);
  checklist.at_least(prefix + ": text features", smallest_cosine(text_features, reference.text_features),
                     check.min_cosine);
  checklist.at_most(prefix + ": similarities",
                    largest_similarity_difference(image_features, text_features, reference, model->config()),
                    max_similarity_difference(check.min_cosine));
  if (const std::string note = model->precision_note(); !note.empty()) checklist.note(prefix, note);
  if (!check.is_for_many_images) return;
  for (const EncoderState& encoder : model->encoder_states())
    checklist.note(prefix, describe_encoder(encoder));
}

/// Returns the exit code: 0, or 1 when something is beyond its tolerance.
int verify_model(const std::string& model_name) {
  const std::filesystem::path folder = find_model_folder(model_name);
  const ModelReference reference = read_model_reference(folder);
  const ModelConfig config = read_model_config(folder);
  if (reference.image_features.cols != config.embed_dim) {
    throw Error(ErrorKind::kModel, (folder / "reference.json").string() + ": has features of " +
                                       std::to_string(reference.image_features.cols) +
                                       " numbers, and config.json says embed_dim " +
                                       std::to_string(config.embed_dim));
  }
  const Tokenizer tokenizer = load_tokenizer(folder, config.text);
  {
    const std::unique_ptr<ClipModel> model = load_torchscript_model(folder);  // errors before the first line
    model->load_image_encoder();
    model->load_text_encoder();
  }

  OutputFile output;
  output.stream() << config.name << ", against the reference computed by " << reference.computed_by << ":\n";
  Checklist checklist(output.stream());
  check_texts(reference, tokenizer, config.text, checklist);
  const std::vector<float> pixel_values = prepare_pictures(reference, config.image, checklist);
  for (const Check& check : kChecks) {
    try {
      check_features(reference, folder, pixel_values, check, checklist);
    } catch (const Error& error) {  // the others are worth knowing
      checklist.failed(check.name, error.what());
    }
  }
  output.check();
  return checklist.has_failed() ? 1 : 0;
}

}  // namespace

void add_model_verify(Program& program) {
  CommandDeclaration& command = program.add(
      "model verify", "Recompute a model folder's reference.json on this machine and print what differs");
  const auto model = std::make_shared<std::string>();
  command
      .add_option("MODEL", *model,
                  "Model folder, or the name of a model; default: $CLIPCLS_MODEL, else the embedded model")
      ->type_name("");
  command.runs([model] { return verify_model(*model); });
}

}  // namespace clipcls

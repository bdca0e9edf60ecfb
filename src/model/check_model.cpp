// The checks of `clipcls model verify`, against what the exporter computed and stored in reference.json.
#include "model/check_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

#include "clipcls/error.h"
#include "files/mapped_file.h"
#include "image/preprocess.h"
#include "model/checkpoint/tensor_checksums.h"
#include "model/folder_architecture.h"
#include "model/long_run.h"
#include "text/tokenizer_checksum.h"

namespace clipcls {
namespace {

/// One way to compute the features.
struct PrecisionCheck {
  const char* name;
  Precision precision;
  bool is_for_many_images;  ///< the rewritten encoder of a folder's run, else the plain one of a single image
};

constexpr std::array<PrecisionCheck, 4> kChecks = {{{"fp32", Precision::kFloat32, false},
                                                    {"fp32, many images", Precision::kFloat32, true},
                                                    {"bf16", Precision::kBfloat16, true},
                                                    {"int8", Precision::kInt8, true}}};

/// What a cosine of that size allows: two vectors may each be turned by sqrt(2 (1 - min_cosine)) radians.
double max_similarity_difference(double min_cosine) { return 2 * std::sqrt(2 * (1 - min_cosine)); }

// Enough for an encoder to be made ready for many. In a long run float32 would take the place of a precision
// that is computed wrongly, and the check would not see it.
constexpr std::size_t kManyImages = kImagesOfLongRun - 1;
constexpr std::size_t kManyTokens = 100'000;

/// Makes a ModelCheck of what is found.
class Checklist {
 public:
  explicit Checklist(const OnModelCheck& on_check) : on_check_(&on_check) {}

  void equal(const std::string& name, std::size_t num_equal, std::size_t num_all) const {
    check(name, num_equal == num_all,
          std::to_string(num_equal) + " of " + std::to_string(num_all) + " equal");
  }

  void at_least(const std::string& name, double value, double bar) const {
    check(name, value >= bar, fmt::format("smallest cosine {:.8f} (at least {:g})", value, bar));
  }

  void at_most(const std::string& name, double value, double bar) const {
    check(name, value <= bar, fmt::format("largest difference {:.2g} (at most {:.2g})", value, bar));
  }

  /// That a check could not be made.
  void failed(const std::string& name, const std::string& why) const { check(name, false, why); }

  /// What is worth knowing, and no check.
  void note(const std::string& name, const std::string& what) const {
    (*on_check_)({CheckOutcome::kNote, name, what});
  }

 private:
  void check(const std::string& name, bool is_right, const std::string& figures) const {
    (*on_check_)({is_right ? CheckOutcome::kPassed : CheckOutcome::kFailed, name, figures});
  }

  const OnModelCheck* on_check_;
};

void check_texts(const ModelReference& reference, const Tokenizer& tokenizer, const TextConfig& config,
                 const Checklist& checklist) {
  const auto num_equal = std::ranges::count_if(reference.texts, [&](const ReferenceText& text) {
    return tokenizer.tokenize(text.text, config.context_length).token_ids == text.token_ids;
  });
  checklist.equal("token ids of texts", static_cast<std::size_t>(num_equal), reference.texts.size());
}

/// The reference's pictures, [num_pictures, 3, image_size, image_size]; their pixels are checked on the way.
std::vector<float> prepare_pictures(const ModelReference& reference, const PreprocessConfig& config,
                                    const Checklist& checklist) {
  std::vector<float> pixel_values(reference.pictures.size() * config.num_pixel_values());
  std::size_t num_equal = 0;
  for (std::size_t i = 0; i < reference.pictures.size(); ++i) {
    const ReferencePicture& picture = reference.pictures[i];
    const RgbImage image = make_reference_picture(static_cast<int>(i), picture.width, picture.height);
    // The picture before the resize counts, too: it comes out of a formula that both sides have to agree on.
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
Matrix encode_texts(const ModelReference& reference, const TextEncoder& encoder) {
  Matrix features(reference.text_features.rows, reference.text_features.cols);
  for (std::size_t row = 0; row < features.rows; ++row) {
    const std::vector<std::int64_t>& ids = reference.texts[row].token_ids;
    // One by one, each at its own length.
    std::ranges::copy(encoder.encode({1, ids.size(), ids}).values, features.row(row).begin());
  }
  return features;
}

double largest_similarity_difference(const Matrix& image_features, const Matrix& text_features,
                                     const ModelReference& reference, const ModelConfig& config) {
  double largest = 0;
  for (std::size_t image = 0; image < image_features.rows; ++image) {
    for (std::size_t text = 0; text < text_features.rows; ++text) {
      const double logit = reference.logits.row(image)[text];
      // A model's logit is scale * cosine + bias; the cosine is what can be compared between models.
      const double expected = (logit - config.logit_bias.value_or(0.0)) / config.logit_scale;
      const double actual = cosine(image_features.row(image), text_features.row(text));
      largest = std::max(largest, std::abs(actual - expected));
    }
  }
  return largest;
}

void check_features(const ModelReference& reference, const LoadAtPrecision& load,
                    std::span<const float> pixel_values, const PrecisionCheck& check,
                    const Checklist& checklist) {
  // Loaded anew for each check: once an encoder is optimised, it does not become plain again.
  const std::unique_ptr<ClipModel> model = load(check.precision);
  const std::size_t num_pictures = reference.pictures.size();
  const bool is_many = check.is_for_many_images;
  const auto image_encoder = model->prepare_images({is_many ? kManyImages : 1, num_pictures});
  const auto text_encoder = model->prepare_texts({is_many ? kManyTokens : 1});
  const Matrix image_features = image_encoder->encode(pixel_values, num_pictures);
  const Matrix text_features = encode_texts(reference, *text_encoder);
  const std::string prefix = check.name;
  checklist.at_least(prefix + ": image features", smallest_cosine(image_features, reference.image_features),
                     least_cosine(check.precision));
  checklist.at_least(prefix + ": text features", smallest_cosine(text_features, reference.text_features),
                     least_cosine(check.precision));
  checklist.at_most(prefix + ": similarities",
                    largest_similarity_difference(image_features, text_features, reference, model->config()),
                    max_similarity_difference(least_cosine(check.precision)));
  if (const std::string note = model->precision_note(); !note.empty()) checklist.note(prefix, note);
  if (!is_many) return;
  for (const EncoderState& encoder : model->encoder_states())
    checklist.note(prefix, describe_encoder(encoder));
}

void check_tokenizer_checksum(const std::filesystem::path& path, const OnModelCheck& on_check) {
  const std::string name = "checksum of " + path.filename().string();
  try {
    const MappedFile file(path, MappedFile::Access::kRead, ErrorKind::kModel);
    const bool is_right = has_right_tokenizer_checksum(file.text());
    on_check({is_right ? CheckOutcome::kPassed : CheckOutcome::kFailed, name,
              is_right ? "equal" : "another than its header has"});
  } catch (const Error& error) {
    on_check({CheckOutcome::kFailed, name, error.what()});
  }
}

}  // namespace

void require_reference_of(const ModelReference& reference, const std::filesystem::path& folder,
                          const ModelConfig& config) {
  if (reference.image_features.cols == config.embed_dim) return;
  throw Error(ErrorKind::kModel, (folder / "reference.json").string() + ": has features of " +
                                     std::to_string(reference.image_features.cols) +
                                     " numbers, and config.json says embed_dim " +
                                     std::to_string(config.embed_dim));
}

void check_checksums(const std::filesystem::path& folder, const ModelConfig& config,
                     const OnModelCheck& on_check) {
  const EncoderFiles files = encoder_files(folder, config.architecture);
  const auto check_file = [&](const std::filesystem::path& file, bool is_built) {
    if (!is_built) return;  // libtorch's archives have checksums of their own
    const std::string name = "checksums of " + file.filename().string();
    try {
      const ChecksumCheck check = check_tensor_checksums(file);
      const bool is_right = check.num_equal == check.num_all;
      on_check({is_right ? CheckOutcome::kPassed : CheckOutcome::kFailed, name,
                fmt::format("{} of {} equal", check.num_equal, check.num_all) +
                    (is_right ? "" : "; " + check.first_difference)});
    } catch (const Error& error) {
      on_check({CheckOutcome::kFailed, name, error.what()});
    }
  };
  check_file(files.image, config.architecture.builds_image_encoder);
  check_file(files.text, config.architecture.builds_text_encoder);
  if (config.text.cleaning) check_tokenizer_checksum(folder / "tokenizer.bin", on_check);
}

// From what is exact (ids, pixels) to what rounds (features), so that the first failure is nearest to its
// cause.
void check_model(const ModelReference& reference, const ModelConfig& config, const Tokenizer& tokenizer,
                 const LoadAtPrecision& load, const OnModelCheck& on_check) {
  const Checklist checklist(on_check);
  check_texts(reference, tokenizer, config.text, checklist);
  const std::vector<float> pixel_values = prepare_pictures(reference, config.image, checklist);
  for (const PrecisionCheck& check : kChecks) {
    try {
      check_features(reference, load, pixel_values, check, checklist);
    } catch (const Error& error) {  // the others are worth knowing
      checklist.failed(check.name, error.what());
    }
  }
}

}  // namespace clipcls

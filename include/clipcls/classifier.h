#pragma once

// Which labels fit a picture best: one picture, several in memory, or files and folders.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "clipcls/error.h"
#include "clipcls/image.h"
#include "clipcls/labels.h"
#include "clipcls/model.h"

namespace clipcls {

/// How labels become texts, and similarities scores. As it stands it gives what the command line prints.
struct ClassifierOptions {
  /// What a score is.
  enum class Score {
    kModel,       ///< what the model was trained with: kSoftmax or kSigmoid
    kSoftmax,     ///< share among the labels: all scores of a picture add up to 1
    kSigmoid,     ///< each label on its own, for models that were trained so
    kCosine,      ///< the similarity itself
    kMultiLabel,  ///< each label on its own against its negative prompt or calibrated threshold
  };
  Score score = Score::kModel;
  /// Prompt templates, each with one {} that a label takes the place of; empty: the model's own. See
  /// read_templates().
  std::vector<std::string> templates{};
  /// Background prompts, whole texts such as "a photo.": where they fit best, the answer is "(none)".
  std::vector<std::string> none{};
  /// Negative prompts of kMultiLabel; {} in one is the label, if it is there; empty: the default.
  std::vector<std::string> negatives{};
  /// Predictions with a lower score, -1 to 1, are left out. None: all are kept, with kMultiLabel from 0.5 on.
  std::optional<double> threshold{};
  /// A file that `clipcls calibrate` wrote for this model and these labels; empty: none.
  std::filesystem::path calibration{};
  /// Whether the embeddings of labels are kept on the disk, so that a later start need not compute them.
  bool is_cached = true;
  /// Where they are kept; empty: $CLIPCLS_CACHE_DIR, else $XDG_CACHE_HOME/clipcls, else ~/.cache/clipcls.
  std::filesystem::path cache_folder{};
  /// The most bytes there; the least recently used embeddings are removed first.
  std::uint64_t max_cache_bytes = std::uint64_t{512} << 20U;
  /// Hears of labels that are given twice, and of prompts that are too long: one line each, while the
  /// classifier is made, on the caller's thread.
  std::function<void(const std::string&)> on_warning{};
};

/// One label's rank on one picture.
struct Prediction {
  std::string label;            ///< "(none)" where a background prompt fits best
  double score = 0;             ///< what ClassifierOptions::Score says
  double similarity = 0;        ///< the cosine of picture and label, -1 to 1
  std::size_t label_index = 0;  ///< of the list of labels; its size stands for "(none)"
};

/// What became of one file.
struct FileResult {
  std::string path;                       ///< as it was given, or as it was found in a folder
  std::vector<Prediction> predictions{};  ///< best first; empty where there is an error
  std::optional<Error>
      error{};  ///< kNotFound, kUnreadable, kNotAnImage, kUnsupportedFormat, kBrokenImage or kTooLarge
};

/// How files are classified.
struct FileOptions {
  /// The most predictions for a picture. None: 5, and with kMultiLabel all that reach the threshold.
  std::optional<std::size_t> top_k{};
  ImageOptions image{};
  /// Decode JPEGs at a half, a quarter or an eighth of their sides if both stay twice the model's size:
  /// faster, with slightly different scores.
  bool is_draft = false;
  /// Classify the pictures in the folders of a folder, too.
  bool is_recursive = false;
  /// Pictures that are encoded together, 1 to 4096.
  std::size_t batch_size = 16;
  /// Ends the run: the pictures that are being encoded are finished and handed over.
  std::stop_token stop{};
  /// Hears of folders without pictures, one line each, on the caller's thread.
  std::function<void(const std::string&)> on_warning{};
};

/// A model and a list of labels, ready to rank the labels for pictures. Copies share it. All functions may be
/// called from several threads at once; the calls share the model's threads.
class Classifier {
 public:
  /// Embeds the labels, or takes their embeddings from the cache, and reads the image encoder's weights.
  /// Throws Error: kLabels for a prompt or a template that cannot be used, kInvalidArgument where options
  /// exclude each other or a calibration belongs to another model or list, kModel where the model's files
  /// cannot be used.
  Classifier(const Model& model, const Labels& labels, const ClassifierOptions& options = {});
  // Copies only, so that a classifier that was moved from can still be used.
  Classifier(const Classifier&) = default;
  Classifier& operator=(const Classifier&) = default;

  /// The best `top_k` labels of a picture, best first; none: 5, and with kMultiLabel all that reach the
  /// threshold. Equal ones keep the order of the list. Throws Error: kModel where the encoder fails,
  /// kInvalidArgument where the picture has no pixels.
  std::vector<Prediction> classify(const Image& image, std::optional<std::size_t> top_k = {}) const;

  /// The same for several pictures, [images.size()], in batches on all threads: many times faster than one
  /// after the other. Throws as the above does.
  std::vector<std::vector<Prediction>> classify(std::span<const Image> images,
                                                std::optional<std::size_t> top_k = {}) const;

  /// The same for features that Model::encode_image() made, [embed_dim]. Throws Error (kInvalidArgument)
  /// where there are more or fewer, or one is not finite.
  std::vector<Prediction> classify_features(std::span<const float> image_features,
                                            std::optional<std::size_t> top_k = {}) const;

  /// Classifies files, the pictures in folders, and with "-" the picture on standard input, in that order, on
  /// all threads. Of a camera's raw file and the JPEG of its name in a folder the latter stands for both.
  /// `on_result` gets one result for each, in order, on the caller's thread; what it throws ends the run. A
  /// file that cannot be read is a result with an error, and the run goes on. Memory does not grow with the
  /// number of files. Throws Error: kModel where the encoder fails (the results before that have been handed
  /// over), kInvalidArgument for options that cannot be used.
  void classify_files(const std::vector<std::string>& paths, const std::function<void(FileResult)>& on_result,
                      const FileOptions& options = {}) const;

  /// The same, all results at once.
  std::vector<FileResult> classify_files(const std::vector<std::string>& paths,
                                         const FileOptions& options = {}) const;

  const Model& model() const;
  const Labels& labels() const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace clipcls

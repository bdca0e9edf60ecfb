// classify_one MODEL IMAGE LABEL...: ranks the labels for the image, with the library alone.
#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "clipcls/error.h"
#include "image/decode_image.h"
#include "image/preprocess.h"
#include "model/torchscript_model.h"
#include "zero_shot/classifier.h"
#include "zero_shot/prompt_template.h"
#include "zero_shot/zero_shot_weights.h"

using namespace clipcls;

int main(int argc, char** argv) try {
  if (argc < 4) throw Error(ErrorKind::kUsage, "usage: classify_one MODEL IMAGE LABEL...");
  const std::vector<std::string> labels(argv + 3, argv + argc);
  const auto model = load_torchscript_model(argv[1]);
  const ModelConfig& config = model->config();

  std::vector<std::vector<std::string>> prompts;
  for (const std::string& label : labels) prompts.push_back({PromptTemplate("a photo of a {}.").fill(label)});
  std::ifstream merges(std::string(argv[1]) + "/merges.txt");
  const Tokenizer tokenizer =
      merges ? Tokenizer(std::string(std::istreambuf_iterator<char>(merges), {})) : Tokenizer();
  const ZeroShotWeights weights = build_zero_shot_weights(*model, tokenizer, prompts);

  std::ifstream file(argv[2], std::ios::binary);
  const std::vector<std::uint8_t> bytes(std::istreambuf_iterator<char>(file), {});
  std::vector<float> pixel_values(config.image.num_pixel_values());
  preprocess(decode_image(bytes), config.image, pixel_values);
  const Matrix image_features = model->encode_image(pixel_values, 1);

  const Classifier classifier(weights.class_embeddings, config.logit_scale, 0, ScoreKind::kSoftmax);
  for (const Prediction& prediction : classifier.classify(image_features.row(0), labels.size()))
    std::cout << labels[prediction.label_index] << ' ' << prediction.score << '\n';
} catch (const std::exception& error) {
  std::cerr << "classify_one: " << error.what() << '\n';
  return 1;
}

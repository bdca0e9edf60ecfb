#pragma once

// Zero-shot image classification with CLIP, for C++ programs. Link the CMake target clipcls::torch.
//
//     #include <clipcls/clipcls.h>
//     #include <iostream>
//
//     int main() try {
//       const clipcls::Model model = clipcls::Model::load("ViT-B/32");
//       const clipcls::Classifier classifier(model, clipcls::Labels::read("cifar100"));
//       for (const clipcls::Prediction& best : classifier.classify(clipcls::Image::read("photo.jpg")))
//         std::cout << best.label << ' ' << best.score << '\n';
//     } catch (const clipcls::Error& error) {
//       std::cerr << error.what() << '\n';
//       return 1;
//     }
//
// That is what `clipcls photo.jpg -m ViT-B/32 -l cifar100` prints: the model brings its own templates, scale,
// bias and kind of score. Nothing in the library prints, exits or aborts; what goes wrong is an Error.
// Threads that use it end before main() does: libtorch is taken down behind that. A model's files stay as
// they are while it is used, since its weights are mapped; a new model takes their place by a rename.

#include "clipcls/classifier.h"
#include "clipcls/error.h"
#include "clipcls/image.h"
#include "clipcls/labels.h"
#include "clipcls/model.h"

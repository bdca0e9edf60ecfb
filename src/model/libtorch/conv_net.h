#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "encoder_network.h"
#include "tower_layers.h"

namespace clipcls {

/// A convolution with bias that keeps the picture's size. It is one linear layer
/// over the pixels under the kernel, which is packed like any other; the patches are copied out for that,
/// which costs less than it takes to prepare a library's convolution for the first picture.
class Convolution {
 public:
  /// `name`: of the convolution in the checkpoint; `size`: its kernel's edge.
  Convolution(StateDict& weights, const std::string& name, std::int64_t size, LinearActivation activation,
              const Placement& placement);

  /// [batch, side, side, in] -> [batch, side, side, out]
  at::Tensor forward(const at::Tensor& x) const;
  void pack(int weight_bits) { linear_.pack(weight_bits); }

 private:
  std::int64_t size_;
  TowerLinear linear_;
};

/// An image tower for small pictures: a stem, and groups of convolutions. The first of a group halves the
/// picture. From the third on, what comes in is added. The largest value of each channel over the last grid
/// is projected.
class ConvNet final : public EncoderNetwork {
 public:
  ConvNet(const ClipArchitecture& architecture, StateDict& weights, const Placement& placement);

  at::Tensor forward(const at::Tensor& pixel_values) override;
  NetworkOptimization optimize(int weight_bits, bool copies_weights) override;
  bool has_convolutions() const override { return true; }

 private:
  using Group = std::vector<Convolution>;

  bool adds_mirror_image_;
  Convolution stem_;
  std::vector<Group> groups_;
  TowerLinear projection_;
};

}  // namespace clipcls

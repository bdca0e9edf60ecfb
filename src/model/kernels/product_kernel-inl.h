// The product of a matrix and a packed weight. See processor/for_each_processor-inl.h.
//
// The inputs are cut into blocks of kDepth, and the outputs into panels of kPanel. A panel of a block stays
// in the first cache while all rows pass it, whose inputs are packed into the second. A tile of kTileRows
// rows and one panel has its sums in registers. The weight lies as [blocks, panels, kDepth, kPanel]; the
// last block is as short as whole chunks allow. Behind the inputs and the outputs are zeros.
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "product_kernel.h"
#include "vectors-inl.h"

#include "exponential-inl.h"

#include "activation-inl.h"
#include "transpose-inl.h"

CLIPCLS_BEGIN_KERNEL
namespace clipcls::CLIPCLS_PROCESSOR {
namespace {

// Of 16 registers 12 hold sums (of AVX-512's 32: 28), the others a part of the panel and an input.
constexpr int kPanelVectors = CLIPCLS_REGISTER_BYTES == 16 ? 4 : 2;
constexpr int kTileRows = CLIPCLS_REGISTER_BYTES == 16 ? 3 : CLIPCLS_REGISTER_BYTES == 32 ? 6 : 14;
constexpr std::int64_t kPanel = kPanelVectors * kLanes;
constexpr std::int64_t kDepth = CLIPCLS_REGISTER_BYTES == 64 ? 256 : 384;
// Of a block whose inputs stay in the second cache: about 300 KB.
constexpr std::int64_t kMaxTiles = CLIPCLS_REGISTER_BYTES == 16 ? 64 : CLIPCLS_REGISTER_BYTES == 32 ? 32 : 14;
constexpr std::int64_t kMaxRows = kMaxTiles * kTileRows;
constexpr std::int64_t kLineFloats = 16;  // of a cache line
constexpr std::int64_t kChunk = 4;        // inputs of a row that lie together in a packed tile

constexpr std::int64_t whole_chunks(std::int64_t num_inputs) {
  return (num_inputs + kChunk - 1) / kChunk * kChunk;
}

/// A tile of y, and one block of its inputs.
struct Tile {
  const float* x;       // [depth / kChunk, rows, kChunk]
  const float* weight;  // [depth, kPanel]
  std::int64_t depth;
  float* y;  // [rows, kPanel]
  std::int64_t y_stride;
  // Where the sum starts: from y, where there is neither.
  const float* bias;   // [kPanel]
  const float* other;  // [rows, kPanel], of y's stride
  bool is_first;       // block: y has nothing yet
  // Lines of the next panel that this tile asks for.
  const float* next_weight;
  std::int64_t num_next_lines;
};

/// A function of its own: among the loops around it the compiler runs out of registers.
template <int rows>
__attribute__((noinline)) void multiply_tile(const Tile& tile) {
  for (int row = 0; row < rows; ++row) {
    for (std::int64_t column = 0; column < kPanel; column += kLineFloats)
      __builtin_prefetch(tile.y + row * tile.y_stride + column, 1, 3);
  }
  for (std::int64_t i = 0; i < tile.num_next_lines; ++i)
    __builtin_prefetch(tile.next_weight + i * kLineFloats, 0, 2);
  Floats sums[rows][kPanelVectors];
  CLIPCLS_UNROLL
  for (int row = 0; row < rows; ++row) {
    CLIPCLS_UNROLL
    for (int part = 0; part < kPanelVectors; ++part) sums[row][part] = Floats{};
  }
  const float* x = tile.x;
  const float* weight = tile.weight;
  for (std::int64_t i = 0; i < tile.depth; i += kChunk) {
    CLIPCLS_UNROLL
    for (std::int64_t j = 0; j < kChunk; ++j) {
      Floats columns[kPanelVectors];
      CLIPCLS_UNROLL
      for (int part = 0; part < kPanelVectors; ++part)
        columns[part] = load(weight + j * kPanel + part * kLanes);
      CLIPCLS_UNROLL
      for (int row = 0; row < rows; ++row) {
        const Floats factor = broadcast(x[row * kChunk + j]);
        CLIPCLS_UNROLL
        for (int part = 0; part < kPanelVectors; ++part) sums[row][part] += factor * columns[part];
      }
    }
    x += rows * kChunk;
    weight += kChunk * kPanel;
  }
  CLIPCLS_UNROLL
  for (int row = 0; row < rows; ++row) {
    float* y = tile.y + row * tile.y_stride;
    CLIPCLS_UNROLL
    for (int part = 0; part < kPanelVectors; ++part) {
      const std::int64_t column = part * kLanes;
      Floats sum = sums[row][part];
      if (!tile.is_first) sum += load(y + column);
      if (tile.bias != nullptr) sum += load(tile.bias + column);
      if (tile.other != nullptr) sum += load(tile.other + row * tile.y_stride + column);
      store(y + column, sum);
    }
  }
}

template <int rows>
CLIPCLS_INLINE void multiply_rows_of_tile(std::int64_t num_rows, const Tile& tile) {
  if (num_rows == rows) return multiply_tile<rows>(tile);
  if constexpr (rows > 1) multiply_rows_of_tile<rows - 1>(num_rows, tile);
}

/// Behind the last block.
CLIPCLS_INLINE void activate_tile(const Tile& tile, std::int64_t rows, ProductActivation activation) {
  for (std::int64_t row = 0; row < rows; ++row) {
    float* y = tile.y + row * tile.y_stride;
    for (std::int64_t column = 0; column < kPanel; column += kLanes)
      store(y + column, activated(load(y + column), activation));
  }
}

/// The last panel may be wider than y: a tile of its own memory, which is copied.
CLIPCLS_INLINE void multiply_narrow_tile(std::int64_t rows, Tile tile, std::int64_t width,
                                         ProductActivation activation) {
  float bias[kPanel] = {};
  float other[kTileRows * kPanel] = {};
  float y[kTileRows * kPanel] = {};
  const auto copy_in = [&](const float* from, float* to, std::int64_t num_rows) {
    for (std::int64_t row = 0; row < num_rows; ++row)
      std::memcpy(to + row * kPanel, from + row * tile.y_stride,
                  static_cast<std::size_t>(width) * sizeof(float));
  };
  Tile own = tile;
  own.y = y;
  own.y_stride = kPanel;
  if (!tile.is_first) copy_in(tile.y, y, rows);
  if (tile.bias != nullptr) {
    copy_in(tile.bias, bias, 1);
    own.bias = bias;
  }
  if (tile.other != nullptr) {
    copy_in(tile.other, other, rows);
    own.other = other;
  }
  multiply_rows_of_tile<kTileRows>(rows, own);
  if (activation != ProductActivation::kNone) activate_tile(own, rows, activation);
  for (std::int64_t row = 0; row < rows; ++row)
    std::memcpy(tile.y + row * tile.y_stride, y + row * kPanel,
                static_cast<std::size_t>(width) * sizeof(float));
}

/// x: rows with a stride of num_inputs. packed: [tiles, chunks, rows of the tile, kChunk], with zeros behind
/// the inputs.
CLIPCLS_INLINE void pack_inputs(const float* x, std::int64_t num_inputs, std::int64_t num_rows,
                                std::int64_t depth, float* packed) {
  for (std::int64_t first = 0; first < num_rows; first += kTileRows) {
    const std::int64_t rows = std::min<std::int64_t>(kTileRows, num_rows - first);
    for (std::int64_t i = 0; i < depth; i += kChunk) {
      for (std::int64_t row = 0; row < rows; ++row, packed += kChunk) {
        const float* chunk = x + (first + row) * num_inputs + i;
        if (i + kChunk <= depth) {
          std::memcpy(packed, chunk, kChunk * sizeof(float));
        } else {
          for (std::int64_t j = 0; j < kChunk; ++j) packed[j] = i + j < depth ? chunk[j] : 0.0F;
        }
      }
    }
  }
}

/// One panel of a block, times `factor`. weight: [num_outputs, num_inputs]; packed: [depth, kPanel], zeros
/// behind the inputs and the outputs included.
CLIPCLS_INLINE void pack_panel(const ProductShape& shape, const float* weight, float factor,
                               std::int64_t index, std::int64_t first, std::int64_t num_inputs,
                               float* packed) {
  const std::int64_t width = std::min(kPanel, shape.num_outputs - index * kPanel);
  const float* rows = weight + index * kPanel * shape.num_inputs + first;
  const std::int64_t num_whole = width == kPanel ? num_inputs / kLanes * kLanes : 0;
  for (std::int64_t i = 0; i < num_whole; i += kLanes) {
    for (std::int64_t column = 0; column < kPanel; column += kLanes) {
      Floats block[kLanes];
      for (std::int64_t lane = 0; lane < kLanes; ++lane)
        block[lane] = load(rows + (column + lane) * shape.num_inputs + i);
      transpose(block);
      for (std::int64_t lane = 0; lane < kLanes; ++lane)
        store(packed + (i + lane) * kPanel + column, block[lane] * factor);
    }
  }
  for (std::int64_t i = num_whole; i < whole_chunks(num_inputs); ++i) {
    for (std::int64_t column = 0; column < kPanel; ++column) {
      const bool is_inside = i < num_inputs && column < width;
      packed[i * kPanel + column] = is_inside ? rows[column * shape.num_inputs + i] * factor : 0.0F;
    }
  }
}

/// See ProductWeight::multiply() and StoredProductWeight::multiply(), whose scratch has room for a panel
/// more.
void multiply_panels(const ProductShape& shape, const WeightOrder& weight, const ProductOperands& operands,
                     IndexRange rows, IndexRange panels, float* scratch) {
  const bool is_packed = weight.packed != nullptr;
  float* const own_panel = scratch;
  if (!is_packed) scratch += kDepth * kPanel;
  const std::int64_t num_rows = rows.end - rows.begin;
  const std::int64_t num_tiles = (num_rows + kTileRows - 1) / kTileRows;
  for (std::int64_t first = 0; first < shape.num_inputs; first += kDepth) {
    const std::int64_t num_inputs = std::min(kDepth, shape.num_inputs - first);
    const std::int64_t depth = whole_chunks(num_inputs);
    const bool is_first = first == 0;
    const bool is_last = first + num_inputs == shape.num_inputs;
    const ProductActivation activation = is_last ? operands.activation : ProductActivation::kNone;
    pack_inputs(operands.x + rows.begin * shape.num_inputs + first, shape.num_inputs, num_rows, num_inputs,
                scratch);
    const std::int64_t num_next_lines = (depth * kPanel / kLineFloats + num_tiles - 1) / num_tiles;
    const std::int64_t first_of_block = first * shape.num_panels * kPanel;
    for (std::int64_t index = panels.begin; index < panels.end; ++index) {
      const float* panel = is_packed ? weight.packed + first_of_block + index * depth * kPanel : own_panel;
      if (!is_packed) pack_panel(shape, weight.stored, weight.factor, index, first, num_inputs, own_panel);
      const std::int64_t column = index * kPanel;
      const std::int64_t width = std::min(kPanel, shape.num_outputs - column);
      const float* x = scratch;
      const float* next = panel + depth * kPanel;
      for (std::int64_t row = rows.begin; row < rows.end; row += kTileRows) {
        const std::int64_t rows_of_tile = std::min<std::int64_t>(kTileRows, rows.end - row);
        const std::int64_t start = row * shape.num_outputs + column;
        const bool is_narrow = width < kPanel;
        const Tile tile = {
            .x = x,
            .weight = panel,
            .depth = depth,
            .y = operands.y + start,
            .y_stride = shape.num_outputs,
            .bias = is_first && operands.bias != nullptr ? operands.bias + column : nullptr,
            .other = is_first && operands.other != nullptr ? operands.other + start : nullptr,
            .is_first = is_first,
            .next_weight = next,
            .num_next_lines = is_packed && index + 1 < panels.end ? num_next_lines : 0,
        };
        if (is_narrow) {
          multiply_narrow_tile(rows_of_tile, tile, width, activation);
        } else {
          multiply_rows_of_tile<kTileRows>(rows_of_tile, tile);
          if (activation != ProductActivation::kNone) activate_tile(tile, rows_of_tile, activation);
        }
        x += rows_of_tile * depth;
        next += num_next_lines * kLineFloats;
      }
    }
  }
}

/// See ProductWeight::pack(). weight: [num_outputs, num_inputs].
void pack_panels(const ProductShape& shape, const float* weight, IndexRange panels, float* packed) {
  for (std::int64_t first = 0; first < shape.num_inputs; first += kDepth) {
    const std::int64_t num_inputs = std::min(kDepth, shape.num_inputs - first);
    const std::int64_t depth = whole_chunks(num_inputs);
    for (std::int64_t index = panels.begin; index < panels.end; ++index) {
      pack_panel(shape, weight, 1, index, first, num_inputs,
                 packed + first * shape.num_panels * kPanel + index * depth * kPanel);
    }
  }
}

ProductBlocks product_blocks() {
  return {
      .panel_width = kPanel, .tile_rows = kTileRows, .max_rows = kMaxRows, .depth = kDepth, .chunk = kChunk};
}

}  // namespace
}  // namespace clipcls::CLIPCLS_PROCESSOR
CLIPCLS_END_KERNEL

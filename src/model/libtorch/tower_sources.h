// The encoders' code in TorchScript, compiled by towers.cpp: they compute what scripts/clip_export/towers.py
// computes, with the same savings (its head says which), and a ModifiedResNet besides. Neither a dtype nor a
// device is written into it.
#pragma once

namespace clipcls {

/// A residual attention block: [batch, length, width] -> the same. QuickGELU(x) = x * sigmoid(1.702 x) =
/// SiLU(1.702 x) / 1.702: the factor sits in the weights of c_fc and c_proj. "activation" stands for
/// torch.silu, or torch.gelu where the model has GELU.
inline constexpr const char* kBlockSource = R"(
def forward(self, x: Tensor) -> Tensor:
    batch, length, width = x.size(0), x.size(1), x.size(2)
    normed = torch.layer_norm(x, [width], self.ln_1_weight, self.ln_1_bias, self.ln_eps)
    # [batch, length, 3 * width] -> [3, batch, heads, length, head_width]
    qkv = torch.linear(normed, self.qkv_proj_weight, self.qkv_proj_bias)
    qkv = qkv.view([batch, length, 3, self.num_heads, width // self.num_heads]).permute([2, 0, 3, 1, 4])
    attended = torch.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], is_causal=self.is_causal)
    attended = attended.transpose(1, 2).reshape([batch, length, width])
    x = x + torch.linear(attended, self.out_proj_weight, self.out_proj_bias)
    normed = torch.layer_norm(x, [width], self.ln_2_weight, self.ln_2_bias, self.ln_eps)
    hidden = activation(torch.linear(normed, self.c_fc_weight, self.c_fc_bias))
    return x + torch.linear(hidden, self.c_proj_weight, self.c_proj_bias)
)";

/// The same block where only one token of each row is needed behind it: x [batch, length, width] and token
/// [batch, 1, width], the needed row of x -> [batch, width]. mask: bool [batch, 1, 1, length], True where the
/// token may look.
inline constexpr const char* kLastBlockSource = R"(
def forward(self, x: Tensor, token: Tensor, mask: Optional[Tensor]) -> Tensor:
    batch, length, width = x.size(0), x.size(1), x.size(2)
    head_width = width // self.num_heads
    normed_token = torch.layer_norm(token, [width], self.ln_1_weight, self.ln_1_bias, self.ln_eps)
    normed = torch.layer_norm(x, [width], self.ln_1_weight, self.ln_1_bias, self.ln_eps)
    query = torch.linear(normed_token, self.q_proj_weight, self.q_proj_bias)
    query = query.view([batch, 1, self.num_heads, head_width]).transpose(1, 2)
    kv = torch.linear(normed, self.kv_proj_weight, self.kv_proj_bias)
    kv = kv.view([batch, length, 2, self.num_heads, head_width]).permute([2, 0, 3, 1, 4])
    attended = torch.scaled_dot_product_attention(query, kv[0], kv[1], mask)
    attended = attended.transpose(1, 2).reshape([batch, 1, width])
    token = token + torch.linear(attended, self.out_proj_weight, self.out_proj_bias)
    normed_token = torch.layer_norm(token, [width], self.ln_2_weight, self.ln_2_bias, self.ln_eps)
    hidden = activation(torch.linear(normed_token, self.c_fc_weight, self.c_fc_bias))
    return (token + torch.linear(hidden, self.c_proj_weight, self.c_proj_bias)).squeeze(1)
)";

/// pixel_values [batch, 3, image_size, image_size] -> image_features [batch, embed_dim]. A line "for NAME"
/// stands for the calls of all children named so, one after the other, and "ln_pre" for kLnPreLine or
/// nothing.
inline constexpr const char* kVisionTransformerSource = R"(
def forward(self, pixel_values: Tensor) -> Tensor:
    batch, size = pixel_values.size(0), self.patch_size
    grid = pixel_values.size(2) // size
    patches = pixel_values.to(self.class_embedding.dtype).reshape([batch, 3, grid, size, grid, size])
    patches = patches.permute([0, 2, 4, 1, 3, 5]).reshape([batch, grid * grid, 3 * size * size])
    patches = torch.linear(patches, self.patch_embedding_weight)
    width = patches.size(2)
    x = torch.cat([self.class_embedding.expand([batch, 1, width]), patches], 1) + self.positional_embedding
    ln_pre
    for block
    x = self.last_block.forward(x, x[:, :1], None)
    x = torch.layer_norm(x, [width], self.ln_post_weight, self.ln_post_bias, self.ln_eps)
    return torch.linear(x, self.projection_weight)
)";

inline constexpr const char* kLnPreLine =
    "    x = torch.layer_norm(x, [width], self.ln_pre_weight, self.ln_pre_bias, self.ln_eps)\n";

/// token_ids [n, length], int64 -> text_features [n, embed_dim]. The end token of a row is its highest id,
/// the first of equals; kFirstEndTokenCode in place of kHighestIdCode finds its first end token.
inline constexpr const char* kTextEncoderSource = R"(
def forward(self, token_ids: Tensor) -> Tensor:
    end = token_ids.argmax(-1)  # [n]
    length = int(end.max()) + 1
    x = torch.embedding(self.token_embedding, token_ids[:, :length]) + self.positional_embedding[:length]
    width = x.size(2)
    for block
    end = end.view([-1, 1])
    mask = torch.arange(length, device=end.device) <= end  # [n, length]
    token = x.gather(1, end.unsqueeze(-1).expand([-1, -1, width]))  # [n, 1, width]
    x = self.last_block.forward(x, token, mask.view([-1, 1, 1, length]))
    x = torch.layer_norm(x, [width], self.ln_final_weight, self.ln_final_bias, self.ln_eps)
    return torch.linear(x, self.projection_weight)
)";

inline constexpr const char* kHighestIdCode = "token_ids.argmax(-1)";
inline constexpr const char* kFirstEndTokenCode = "(token_ids == self.eot_token_id).int().argmax(-1)";

/// A bottleneck: [batch, in, side, side] -> [batch, out, side / stride, side / stride]. Batch norms are
/// folded into the convolutions; strides are average pools, as CLIP has them.
inline constexpr const char* kBottleneckSource = R"(
def forward(self, x: Tensor) -> Tensor:
    out = torch.relu_(torch.conv2d(x, self.conv1_weight, self.conv1_bias))
    out = torch.relu_(torch.conv2d(out, self.conv2_weight, self.conv2_bias, padding=1))
    return torch.relu_(torch.conv2d(out, self.conv3_weight, self.conv3_bias).add_(x))
)";

/// The first bottleneck of a stage, which changes the number of channels.
inline constexpr const char* kDownsampleBottleneckSource = R"(
def forward(self, x: Tensor) -> Tensor:
    out = torch.relu_(torch.conv2d(x, self.conv1_weight, self.conv1_bias))
    out = torch.relu_(torch.conv2d(out, self.conv2_weight, self.conv2_bias, padding=1))
    if self.stride > 1:
        out = torch.avg_pool2d(out, self.stride)
        x = torch.avg_pool2d(x, self.stride)
    out = torch.conv2d(out, self.conv3_weight, self.conv3_bias)
    return torch.relu_(out.add_(torch.conv2d(x, self.downsample_weight, self.downsample_bias)))
)";

/// pixel_values [batch, 3, image_size, image_size] -> image_features [batch, embed_dim]. The attention pool
/// is computed for the mean alone, the one query whose output is used. Memory format 2 is channels_last: with
/// it RN50 takes between two thirds and four fifths of the time on two CPU cores.
inline constexpr const char* kModifiedResnetSource = R"(
def forward(self, pixel_values: Tensor) -> Tensor:
    x = pixel_values.to(self.conv1_weight.dtype).contiguous(memory_format=2)
    x = torch.relu_(torch.conv2d(x, self.conv1_weight, self.conv1_bias, stride=2, padding=1))
    x = torch.relu_(torch.conv2d(x, self.conv2_weight, self.conv2_bias, padding=1))
    x = torch.relu_(torch.conv2d(x, self.conv3_weight, self.conv3_bias, padding=1))
    x = torch.avg_pool2d(x, 2)
    for bottleneck
    x = x.flatten(2).transpose(1, 2)  # [batch, grid * grid, width]
    x = torch.cat([x.mean(1, keepdim=True), x], 1) + self.positional_embedding
    batch, length, width = x.size(0), x.size(1), x.size(2)
    head_width = width // self.num_heads
    query = torch.linear(x[:, :1], self.q_proj_weight, self.q_proj_bias)
    query = query.view([batch, 1, self.num_heads, head_width]).transpose(1, 2)
    kv = torch.linear(x, self.kv_proj_weight, self.kv_proj_bias)
    kv = kv.view([batch, length, 2, self.num_heads, head_width]).permute([2, 0, 3, 1, 4])
    attended = torch.scaled_dot_product_attention(query, kv[0], kv[1])
    return torch.linear(attended.reshape([batch, width]), self.projection_weight, self.projection_bias)
)";

}  // namespace clipcls

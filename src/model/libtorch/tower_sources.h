// The encoders' code in TorchScript, compiled by towers.cpp: they compute what scripts/export/towers.py
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
    return self.finish(x, attended.transpose(1, 2).reshape([batch, length, width]))

def finish(self, x: Tensor, attended: Tensor) -> Tensor:
    width = x.size(-1)
    x = x + torch.linear(attended, self.out_proj_weight, self.out_proj_bias)
    normed = torch.layer_norm(x, [width], self.ln_2_weight, self.ln_2_bias, self.ln_eps)
    hidden = activation(torch.linear(normed, self.c_fc_weight, self.c_fc_bias))
    return x + torch.linear(hidden, self.c_proj_weight, self.c_proj_bias)
)";

/// What a text tower's block has besides: the causal block over tokens laid out as kTextEncoderSource's
/// forward_shared_prefix lays them out, x [num_tokens, width] -> the same. mask: bool [length, prefix_length
/// + length], True where a token of a text may look.
inline constexpr const char* kSharedPrefixBlockSource = R"(
def forward_shared_prefix(self, x: Tensor, prefix_length: int, num_texts: int, mask: Tensor) -> Tensor:
    width, length = x.size(1), mask.size(0)
    normed = torch.layer_norm(x, [width], self.ln_1_weight, self.ln_1_bias, self.ln_eps)
    qkv = torch.linear(normed, self.qkv_proj_weight, self.qkv_proj_bias)
    qkv = qkv.view([-1, 3, self.num_heads, width // self.num_heads])
    # [tokens, 3, heads, head_width] -> [3, texts, heads, length, head_width]
    own = qkv[:prefix_length].unsqueeze(0).permute([2, 0, 3, 1, 4])
    texts = qkv[prefix_length:].view([num_texts, length, 3, self.num_heads, -1]).permute([2, 0, 3, 1, 4])
    prefix = torch.scaled_dot_product_attention(own[0], own[1], own[2], is_causal=True)
    keys = torch.cat([own[1].expand([num_texts, -1, -1, -1]), texts[1]], 2)
    values = torch.cat([own[2].expand([num_texts, -1, -1, -1]), texts[2]], 2)
    attended = torch.scaled_dot_product_attention(texts[0], keys, values, mask)
    prefix = prefix.transpose(1, 2).reshape([prefix_length, width])
    attended = attended.transpose(1, 2).reshape([num_texts * length, width])
    return self.finish(x, torch.cat([prefix, attended]))
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
    return self.finish(token, attended.transpose(1, 2).reshape([batch, 1, width])).squeeze(1)

def finish(self, token: Tensor, attended: Tensor) -> Tensor:
    width = token.size(-1)
    token = token + torch.linear(attended, self.out_proj_weight, self.out_proj_bias)
    normed = torch.layer_norm(token, [width], self.ln_2_weight, self.ln_2_bias, self.ln_eps)
    hidden = activation(torch.linear(normed, self.c_fc_weight, self.c_fc_bias))
    return token + torch.linear(hidden, self.c_proj_weight, self.c_proj_bias)
)";

/// As kSharedPrefixBlockSource. token: [num_texts, width], the needed rows of x; mask: bool [num_texts, 1, 1,
/// prefix_length + length], True where the token may look. -> [num_texts, width]
inline constexpr const char* kSharedPrefixLastBlockSource = R"(
def forward_shared_prefix(self, x: Tensor, token: Tensor, prefix_length: int, mask: Tensor) -> Tensor:
    num_texts, width = token.size(0), token.size(1)
    length = mask.size(3) - prefix_length
    head_width = width // self.num_heads
    normed_token = torch.layer_norm(token, [width], self.ln_1_weight, self.ln_1_bias, self.ln_eps)
    normed = torch.layer_norm(x, [width], self.ln_1_weight, self.ln_1_bias, self.ln_eps)
    query = torch.linear(normed_token, self.q_proj_weight, self.q_proj_bias)
    query = query.view([num_texts, 1, self.num_heads, head_width]).transpose(1, 2)
    kv = torch.linear(normed, self.kv_proj_weight, self.kv_proj_bias).view([-1, 2, self.num_heads, head_width])
    own = kv[:prefix_length].unsqueeze(0).permute([2, 0, 3, 1, 4])
    texts = kv[prefix_length:].view([num_texts, length, 2, self.num_heads, head_width])
    texts = texts.permute([2, 0, 3, 1, 4])
    keys = torch.cat([own[0].expand([num_texts, -1, -1, -1]), texts[0]], 2)
    values = torch.cat([own[1].expand([num_texts, -1, -1, -1]), texts[1]], 2)
    attended = torch.scaled_dot_product_attention(query, keys, values, mask)
    return self.finish(token, attended.transpose(1, 2).reshape([num_texts, width]))
)";

/// pixel_values [batch, 3, image_size, image_size] -> image_features [batch, embed_dim]. A line "for NAME:
/// …" stands for itself once for each child named so, as "each"; "ln_pre" for kLnPreLine or nothing.
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
    for block: x = each.forward(x)
    x = self.last_block.forward(x, x[:, :1], None)
    x = torch.layer_norm(x, [width], self.ln_post_weight, self.ln_post_bias, self.ln_eps)
    return torch.linear(x, self.projection_weight)
)";

inline constexpr const char* kLnPreLine =
    "    x = torch.layer_norm(x, [width], self.ln_pre_weight, self.ln_pre_bias, self.ln_eps)\n";

/// token_ids [n, length], int64 -> text_features [n, embed_dim]. The end token of a row is its highest id,
/// the first of equals; kFirstEndTokenCode in place of kHighestIdCode finds its first end token.
/// forward_shared_prefix: the same for texts that all begin with `prefix`, token ids [prefix_length], at
/// least the start token and no end token; texts [num_texts, length] are what follows it in each. All tokens
/// lie in one matrix: the prefix's, then each text's.
inline constexpr const char* kTextEncoderSource = R"(
def forward(self, token_ids: Tensor) -> Tensor:
    end = self.find_end(token_ids)
    length = int(end.max()) + 1
    x = torch.embedding(self.token_embedding, token_ids[:, :length]) + self.positional_embedding[:length]
    width = x.size(2)
    for block: x = each.forward(x)
    end = end.view([-1, 1])
    mask = torch.arange(length, device=end.device) <= end  # [n, length]
    token = x.gather(1, end.unsqueeze(-1).expand([-1, -1, width]))  # [n, 1, width]
    return self.project(self.last_block.forward(x, token, mask.view([-1, 1, 1, length])))

def forward_shared_prefix(self, prefix: Tensor, texts: Tensor) -> Tensor:
    num_texts, length, prefix_length = texts.size(0), texts.size(1), prefix.size(0)
    positions = self.positional_embedding[:prefix_length + length]
    own = torch.embedding(self.token_embedding, prefix) + positions[:prefix_length]
    x = torch.cat([own, (torch.embedding(self.token_embedding, texts) + positions[prefix_length:]).flatten(0, 1)])
    seen = torch.ones([length, prefix_length + length], dtype=11, device=texts.device).tril(prefix_length)
    for block: x = each.forward_shared_prefix(x, prefix_length, num_texts, seen)
    end = self.find_end(texts)
    token = x.index_select(0, prefix_length + length * torch.arange(num_texts, device=texts.device) + end)
    seen = torch.arange(prefix_length + length, device=texts.device) <= (prefix_length + end).unsqueeze(-1)
    seen = seen.view([num_texts, 1, 1, prefix_length + length])
    return self.project(self.last_block.forward_shared_prefix(x, token, prefix_length, seen))

def find_end(self, token_ids: Tensor) -> Tensor:
    return token_ids.argmax(-1)  # [n]

def project(self, x: Tensor) -> Tensor:
    x = torch.layer_norm(x, [x.size(-1)], self.ln_final_weight, self.ln_final_bias, self.ln_eps)
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
    for bottleneck: x = each.forward(x)
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

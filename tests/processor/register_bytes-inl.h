// For for_each_processor_test.cpp: how wide the registers are that a kernel may use.
CLIPCLS_BEGIN_KERNEL
namespace clipcls::CLIPCLS_PROCESSOR {
namespace {

int register_bytes() {
  using Vector = double __attribute__((vector_size(CLIPCLS_REGISTER_BYTES)));
  Vector value = {};
  asm volatile("" : : "x"(value));  // compiles only where a vector of that size fits into one register
  return sizeof(value);
}

}  // namespace
}  // namespace clipcls::CLIPCLS_PROCESSOR
CLIPCLS_END_KERNEL

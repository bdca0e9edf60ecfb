// For for_each_processor_test.cpp: which processor a kernel is compiled for, as the compiler says it.
CLIPCLS_BEGIN_KERNEL
namespace clipcls::CLIPCLS_PROCESSOR {
namespace {

int target_level() {
#if defined(__AVX512BF16__)
  return 3;
#elif defined(__AVX512VL__)
  return 2;
#elif defined(__AVX2__)
  return 1;
#else
  return 0;
#endif
}

}  // namespace
}  // namespace clipcls::CLIPCLS_PROCESSOR
CLIPCLS_END_KERNEL

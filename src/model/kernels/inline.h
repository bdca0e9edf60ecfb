#pragma once

#define CLIPCLS_INLINE __attribute__((always_inline)) inline

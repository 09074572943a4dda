// result<T, E>: a value, or why there is none.
//
// Errors inside Ingestor are values. Each layer has its own error type (pg::error, s3::error,
// codec::error …) that carries a category and the words of whoever refused; exceptions are left
// for programming errors and for start-up. Ask with `if (!r)`, take with `*r`, `r.error()`.
#pragma once

#include <boost/system/result.hpp>

namespace ingestor {

template <class T, class E>
using result = boost::system::result<T, E>;

}  // namespace ingestor

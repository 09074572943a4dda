#include "pg/deadline.hpp"

namespace ingestor::pg {

deadline::deadline(transport& target, std::chrono::steady_clock::time_point at)
    : state_{std::make_shared<state>(state{&target})}, timer_{target.executor(), at} {
  timer_.async_wait([shared = state_](boost::system::error_code cancelled) {
    if (cancelled || shared->target == nullptr) return;
    shared->passed = true;
    shared->target->close();
  });
}

deadline::~deadline() {
  state_->target = nullptr;
}

}  // namespace ingestor::pg

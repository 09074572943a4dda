#include "pg/operation.hpp"

#include <stdexcept>

namespace ingestor::pg {

connection::operation::operation(connection& on, std::string_view name, duration timeout)
    : on_{on},
      name_{name},
      limit_{on.stream_->below(), std::chrono::steady_clock::now() + timeout},
      cancels_before_{on.cancels_.mark()} {
  if (on.use_ == use::busy) throw std::logic_error{"two operations at once on one connection"};
  if (!on.stream_->below().is_open()) {
    const auto closed = make_error(error_category::connection, "the connection is closed");
    refusal_ = explain(on.last_words_.value_or(closed));
  } else if (on.use_ == use::idle) {
    const auto unasked = on.stream_->absorb_unasked();
    if (!unasked) refusal_ = explain(unasked.error());
  }
  on.use_ = use::busy;
}

connection::operation::~operation() {
  if (settled_) return;
  on_.stream_->below().close();
  on_.use_ = use::idle;
}

void connection::operation::settle(use next) {
  settled_ = true;
  on_.use_ = next;
  if (next != use::idle) return;
  on_.heard_ = std::chrono::steady_clock::now();
  on_.cancels_.answered(cancels_before_);
}

error connection::operation::explain(error failure) const {
  if (failure.category == error_category::shutdown) on_.outdated_ = true;
  if (limit_.passed()) {
    failure = make_error(error_category::timeout, "the server did not answer in time");
  }
  if (failure.statement.empty()) failure.statement = name_;
  failure.server = on_.server_;
  return failure;
}

}  // namespace ingestor::pg

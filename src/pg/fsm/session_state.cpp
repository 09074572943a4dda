#include "pg/fsm/session_state.hpp"

#include "pg/fsm/violation.hpp"
#include "pg/wire/notice.hpp"

namespace ingestor::pg::fsm {

bool session_state::absorbs(char type) {
  return type == wire::notice_response::type || type == wire::notification_response::type ||
         type == wire::parameter_status::type;
}

result<bool> session_state::absorb(const wire::frame& frame) {
  switch (frame.type) {
    case wire::notice_response::type: {
      const auto notice = wire::notice_response::decode(frame.body);
      if (!notice) return violation(notice.error());
      ++notices_;
      return true;
    }
    case wire::notification_response::type: {
      const auto notification = wire::notification_response::decode(frame.body);
      if (!notification) return violation(notification.error());
      return true;
    }
    case wire::parameter_status::type:
      return keep_parameter(frame);
    default:
      return false;
  }
}

result<bool> session_state::keep_parameter(const wire::frame& frame) {
  const auto status = wire::parameter_status::decode(frame.body);
  if (!status) return violation(status.error());
  if (status->name == "client_encoding" && status->value != "UTF8") {
    return violation("the server does not take UTF8 for the client's encoding, but " +
                     std::string{status->value});
  }
  auto [entry, is_new] = parameters_.try_emplace(std::string{status->name});
  if (is_new) parameters_bytes_ += status->name.size() + sizeof(*entry);
  parameters_bytes_ += status->value.size();
  parameters_bytes_ -= entry->second.size();
  if (parameters_bytes_ > parameters_bytes_max) {
    return violation("the server reports more settings than any server has");
  }
  entry->second = status->value;
  return true;
}

std::string_view session_state::parameter(std::string_view name) const {
  const auto found = parameters_.find(name);
  return found == parameters_.end() ? std::string_view{} : std::string_view{found->second};
}

}  // namespace ingestor::pg::fsm

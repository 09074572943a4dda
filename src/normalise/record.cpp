#include "normalise/record.hpp"

#include "normalise/json_string.hpp"

#include <algorithm>

namespace ingestor::normalise {
namespace {

struct named_field {
  std::string_view name;
  field which;
};

constexpr std::array top_fields{
    named_field{"time", field::time},
    named_field{"level", field::level},
    named_field{"msg", field::msg},
    named_field{"req", field::req},
    named_field{"pid", field::pid},
    named_field{"hostname", field::hostname},
    named_field{"context", field::context},
    named_field{"responseTime", field::response_time},
    named_field{"processingTimeMs", field::processing_time_ms},
    named_field{"cacheHit", field::cache_hit},
    named_field{"documentCount", field::document_count},
    named_field{"lastUpdated", field::last_updated},
    named_field{"authUserId", field::auth_user_id},
    named_field{"query", field::query},
    named_field{"params", field::params},
    named_field{"message", field::message},
    named_field{"timestamp", field::timestamp},
    named_field{"@timestamp", field::at_timestamp},
};

constexpr std::array req_fields{
    named_field{"method", field::req_method},
    named_field{"url", field::req_url},
    named_field{"query", field::req_query},
    named_field{"headers", field::req_headers},
    named_field{"params", field::req_params},
    named_field{"remoteAddress", field::req_remote_address},
    named_field{"remotePort", field::req_remote_port},
};

template <std::size_t Count>
field find(const std::array<named_field, Count>& fields, std::string_view name) {
  for (const auto& each : fields) {
    if (each.name == name) return each.which;
  }
  return field::other;
}

}  // namespace

void record::clear_req() {
  for (const auto& each : req_fields) set(each.which, {});
}

void record_reader::begin() {
  record_.clear();
  depth_ = 0;
  top_ = field::other;
  inner_ = field::other;
}

void record_reader::key(std::string_view raw) {
  const bool top = depth_ == top_level;
  if (!top && (depth_ != req_level || top_ != field::req)) return;
  auto name = raw;
  if (raw.find('\\') != std::string_view::npos) {
    // The quotes are there in the line, around the key.
    name = text_of({raw.data() - 1, raw.size() + 2}, scratch_);
  }
  if (!top) {
    inner_ = find(req_fields, name);
    return;
  }
  top_ = find(top_fields, name);
  if (top_ == field::req) {
    record_.clear_req();
    inner_ = field::other;
  }
}

}  // namespace ingestor::normalise

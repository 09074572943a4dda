#include "telemetry/events/dependencies.hpp"

#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <vector>

namespace ingestor::telemetry {
namespace {

std::vector<field> about(std::int64_t id, std::string_view key) {
  std::vector<field> out;
  if (id != 0) out.push_back({"id", id});
  if (!key.empty()) out.push_back({"key", key});
  return out;
}

}  // namespace

void s3_request::emit(log& to, metrics& numbers) const {
  numbers.s3_requests.with({operation, code}).Increment();
  numbers.s3_request_duration.Observe(seconds);
  auto fields = about(id, key);
  fields.insert(fields.end(), {{"operation", operation}, {"code", code}, {"seconds", seconds}});
  to.write(log_level::debug, "s3 request", fields);
}

void s3_throttled::emit(log& to, metrics& numbers) const {
  numbers.s3_throttled.Increment();
  auto fields = about(id, key);
  fields.push_back({"operation", operation});
  to.write(log_level::warn, "s3 asks to slow down", fields);
}

void s3_resumed::emit(log& to, metrics& numbers) const {
  numbers.s3_resumes.Increment();
  auto fields = about(id, key);
  fields.push_back({"from_byte", from_byte});
  to.write(log_level::debug, "s3 body resumed", fields);
}

void s3_corrected::emit(log& to, metrics& /*numbers*/) const {
  to.write(log_level::warn, "s3 request corrected", {{"why", what}});
}

void copy_finished::emit(log& to, metrics& numbers) const {
  numbers.bytes.with({"copied"}).Increment(static_cast<double>(bytes));
  numbers.copy_duration.Observe(seconds);
  to.write(log_level::debug, "copy finished",
           {{"rows", rows}, {"bytes", bytes}, {"seconds", seconds}});
}

void pool_waited::emit(log& /*to*/, metrics& numbers) const {
  numbers.db_pool_wait.Observe(seconds);
}

void pool_changed::emit(log& /*to*/, metrics& numbers) const {
  numbers.db_pool_connections.with({"idle"}).Set(static_cast<double>(idle));
  numbers.db_pool_connections.with({"busy"}).Set(static_cast<double>(busy));
  numbers.db_pool_connections.with({"connecting"}).Set(static_cast<double>(connecting));
}

void buffers_changed::emit(log& /*to*/, metrics& numbers) const {
  numbers.buffer_bytes.Set(static_cast<double>(bytes));
}

std::string_view name_of(dependency which) {
  return which == dependency::s3 ? "s3" : "database";
}

void report_refused::emit(log& to, metrics& /*numbers*/) const {
  to.write(log_level::warn, "the database does not take this replica's report",
           {{"table", "ingestor_replica"}, {"error", error}});
}

void trouble_began::emit(log& to, metrics& numbers) const {
  numbers.dependency_usable.with({name_of(what)}).Set(0);
  to.write(log_level::error, "trouble began: waiting for it to end",
           {{"what", name_of(what)}, {"error", error}});
}

void trouble_changed::emit(log& to, metrics& /*numbers*/) const {
  to.write(log_level::warn, "trouble goes on with another error",
           {{"what", name_of(what)}, {"error", error}});
}

void trouble_ended::emit(log& to, metrics& numbers) const {
  numbers.dependency_usable.with({name_of(what)}).Set(1);
  to.write(log_level::info, "trouble ended",
           {{"what", name_of(what)}, {"seconds", seconds}, {"failures", failures}});
}

}  // namespace ingestor::telemetry

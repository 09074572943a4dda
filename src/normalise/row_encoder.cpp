#include "normalise/row_encoder.hpp"

#include "normalise/json_value.hpp"

#include <initializer_list>

namespace ingestor::normalise {
namespace {

class row_encoder {
 public:
  row_encoder(const record& values, std::string& scratch, pg::wire::copy_buffer& rows)
      : values_{values}, scratch_{scratch}, rows_{rows} {}

  void time_or(timestamp fallback);
  void level();
  void text(column to, std::initializer_list<field> names);
  template <class Integer>
  void integer(column to, field name);
  void real(column to, std::initializer_list<field> names);
  void boolean(column to, field name);
  void time(column to, field name);
  void json(std::initializer_list<field> names);

  const row_outcome& outcome() const { return outcome_; }

 private:
  /// The first of the names whose value fits; a mismatch is noted where there are values and none
  /// of them does.
  template <class Read>
  auto first_that_fits(column to, std::initializer_list<field> names, Read read) {
    bool any = false;
    for (const auto name : names) {
      const auto value = values_[name];
      if (is_absent(value)) continue;
      any = true;
      if (auto fit = read(value)) return fit;
    }
    if (any) outcome_.mismatches.set(static_cast<std::size_t>(to));
    return decltype(read(std::string_view{})){};
  }

  const record& values_;
  std::string& scratch_;
  pg::wire::copy_buffer& rows_;
  row_outcome outcome_;
};

/// An int8 is what a timestamptz is on the wire: microseconds since 2000.
void row_encoder::time_or(timestamp fallback) {
  const auto found =
      first_that_fits(column::timestamp, {field::time, field::timestamp, field::at_timestamp},
                      [this](auto json) { return time_of(json, scratch_); });
  if (found) {
    outcome_.at = found->as_timestamp();
    return rows_.int8(found->microseconds);
  }
  outcome_.timestamp_missing = true;
  outcome_.mismatches.set(static_cast<std::size_t>(column::timestamp));
  outcome_.at = fallback;
  rows_.timestamptz(fallback);
}

void row_encoder::level() {
  const auto found = first_that_fits(column::level, {field::level},
                                     [this](auto json) { return level_of(json, scratch_); });
  found ? rows_.int2(*found) : rows_.null();
}

void row_encoder::text(column to, std::initializer_list<field> names) {
  const auto found =
      first_that_fits(to, names, [this](auto json) { return string_of(json, scratch_); });
  found ? rows_.text(*found) : rows_.null();
}

template <class Integer>
void row_encoder::integer(column to, field name) {
  const auto found = first_that_fits(to, {name}, integer_of<Integer>);
  if (!found) return rows_.null();
  if constexpr (sizeof(Integer) == 4) {
    rows_.int4(*found);
  } else {
    rows_.int8(*found);
  }
}

void row_encoder::real(column to, std::initializer_list<field> names) {
  const auto found = first_that_fits(to, names, double_of);
  found ? rows_.float8(*found) : rows_.null();
}

void row_encoder::boolean(column to, field name) {
  const auto found = first_that_fits(to, {name}, boolean_of);
  found ? rows_.boolean(*found) : rows_.null();
}

void row_encoder::time(column to, field name) {
  const auto found =
      first_that_fits(to, {name}, [this](auto json) { return time_of(json, scratch_); });
  found ? rows_.int8(found->microseconds) : rows_.null();
}

/// Any value fits a jsonb column, so there is nothing to miss.
void row_encoder::json(std::initializer_list<field> names) {
  for (const auto name : names) {
    if (!is_absent(values_[name])) return rows_.jsonb(values_[name]);
  }
  rows_.null();
}

}  // namespace

row_outcome encode_row(const record& values, std::string_view raw_data, const row_origin& origin,
                       std::string& scratch, pg::wire::copy_buffer& rows) {
  row_encoder row{values, scratch, rows};
  rows.begin_row(static_cast<std::int16_t>(column_count));
  rows.uuid(origin.id);
  row.time_or(origin.last_modified);
  row.level();
  row.text(column::method, {field::req_method});
  row.text(column::url, {field::req_url});
  row.json({field::query, field::req_query});
  row.json({field::req_headers});
  row.text(column::context, {field::context});
  row.text(column::message, {field::msg, field::message});
  row.integer<std::int64_t>(column::auth_user_id, field::auth_user_id);
  row.integer<std::int32_t>(column::pid, field::pid);
  row.text(column::hostname, {field::hostname});
  row.text(column::remote_address, {field::req_remote_address});
  row.integer<std::int32_t>(column::remote_port, field::req_remote_port);
  row.real(column::processing_time_ms, {field::processing_time_ms, field::response_time});
  row.boolean(column::cache_hit, field::cache_hit);
  row.integer<std::int64_t>(column::document_count, field::document_count);
  row.time(column::last_updated, field::last_updated);
  row.json({field::params, field::req_params});
  rows.jsonb(raw_data);
  return row.outcome();
}

row_outcome encode_text_row(std::string_view message, std::string_view raw_data,
                            const row_origin& origin, pg::wire::copy_buffer& rows) {
  rows.begin_row(static_cast<std::int16_t>(column_count));
  rows.uuid(origin.id);
  rows.timestamptz(origin.last_modified);
  for (std::size_t i = 2; i < column_count; ++i) {
    const auto which = static_cast<column>(i);
    if (which == column::message) {
      rows.text(message);
    } else if (which == column::raw_data) {
      rows.jsonb(raw_data);
    } else {
      rows.null();
    }
  }
  return {.at = origin.last_modified, .mismatches = {}};
}

}  // namespace ingestor::normalise

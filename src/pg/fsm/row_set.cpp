#include "pg/fsm/row_set.hpp"

#include "pg/wire/query.hpp"

#include <stdexcept>

namespace ingestor::pg {

std::uint64_t row_set::rows_affected() const {
  return wire::rows_of(command_tag_);
}

bool row_set::is_null(std::size_t row, std::size_t column) const {
  return !at(row, column).length;
}

void row_set::append(const wire::data_row& row) {
  for (const auto& field : row.fields) {
    if (!field) {
      fields_.emplace_back();
      continue;
    }
    fields_.push_back({bytes_.size(), static_cast<std::uint32_t>(field->size())});
    bytes_.insert(bytes_.end(), field->begin(), field->end());
  }
}

std::size_t row_set::bytes() const {
  return sizeof(row_set) + bytes_.size() + fields_.size() * sizeof(slot) + command_tag_.size();
}

const row_set::slot& row_set::at(std::size_t row, std::size_t column) const {
  if (row >= size() || column >= types_.size()) {
    throw std::logic_error{"a field was read outside of its row_set"};
  }
  return fields_[row * types_.size() + column];
}

const_bytes row_set::not_null(std::size_t row, std::size_t column) const {
  const auto& field = at(row, column);
  if (!field.length) throw std::logic_error{"a NULL was read as a value; read a std::optional"};
  return const_bytes{bytes_}.subspan(field.offset, *field.length);
}

}  // namespace ingestor::pg

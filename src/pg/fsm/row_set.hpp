// The rows that one statement gave, owned, in their binary form.
#pragma once

#include "pg/wire/rows.hpp"
#include "pg/wire/types/value.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ingestor::pg {

/// Rows were checked against the column types when they arrived, so reading them cannot fail on
/// what the server sent. Reading outside of it, a NULL into a type without one, or a type as
/// another throws std::logic_error: that is a mistake in the program.
class row_set {
 public:
  row_set() = default;
  explicit row_set(std::vector<wire::oid> types) : types_{std::move(types)} {}

  std::size_t size() const { return types_.empty() ? 0 : fields_.size() / types_.size(); }
  bool empty() const { return size() == 0; }

  /// "SELECT 3", "UPDATE 1" …; empty when the statement was empty.
  std::string_view command_tag() const { return command_tag_; }
  /// The count of the command tag, 0 when it has none.
  std::uint64_t rows_affected() const;

  bool is_null(std::size_t row, std::size_t column) const;

  /// T: what wire::value_as is declared for, or std::optional of it.
  template <class T>
  T get(std::size_t row, std::size_t column) const;

  // For whoever receives the rows; `row` has as many fields as there are types, all well formed.
  void append(const wire::data_row& row);
  void complete(std::string_view command_tag) { command_tag_ = command_tag; }
  /// Memory held, in bytes, as far as it grows with what the server sends.
  std::size_t bytes() const;

 private:
  /// Where a field lies in bytes_; NULL has no length.
  struct slot {
    std::size_t offset = 0;
    std::optional<std::uint32_t> length;
  };

  const slot& at(std::size_t row, std::size_t column) const;
  const_bytes not_null(std::size_t row, std::size_t column) const;

  std::vector<wire::oid> types_;
  std::vector<slot> fields_;
  std::vector<std::byte> bytes_;
  std::string command_tag_;
};

namespace detail {
template <class T>
struct nullable : std::false_type {};
template <class T>
struct nullable<std::optional<T>> : std::true_type {};
}  // namespace detail

template <class T>
T row_set::get(std::size_t row, std::size_t column) const {
  if constexpr (detail::nullable<T>::value) {
    if (is_null(row, column)) return std::nullopt;
    return get<typename T::value_type>(row, column);
  } else {
    const auto value = not_null(row, column);
    return wire::value_as<T>(types_[column], value);
  }
}

}  // namespace ingestor::pg

#include "config/database.hpp"

namespace ingestor::config {

void take_database(reader& from, const host_facts& host, pg::connection_options& into) {
  const auto uri = from.get("DATABASE_URL");
  if (!uri) {
    from.reject("DATABASE_URL",
                "is required: where the database is, such as "
                "postgresql://user:password@host:5432/database?sslmode=verify-full");
    return;
  }
  const pg::connection_defaults defaults{
      .password = secret{from.get("PGPASSWORD").value_or("")},
      .user = host.user,
      .sslrootcert = host.root_certificate,
      .sslcert = host.client_certificate,
      .sslkey = host.client_key,
      .passfile = from.get("PGPASSFILE").value_or(host.password_file),
  };
  auto parsed = pg::parse_connection_uri(*uri, defaults);
  if (!parsed) {
    for (const auto& wrong : parsed.error()) from.reject("DATABASE_URL", wrong);
    return;
  }
  into = std::move(*parsed);
}

}  // namespace ingestor::config

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
  const pg::connection_defaults defaults{.password = secret{from.get("PGPASSWORD").value_or("")},
                                         .user = host.user,
                                         .sslrootcert = host.root_certificate};
  auto parsed = pg::parse_connection_uri(*uri, defaults);
  if (!parsed) {
    for (const auto& wrong : parsed.error()) from.reject("DATABASE_URL", wrong);
    return;
  }
  if (parsed->password.empty() && from.get("PGPASSFILE")) {
    from.reject("PGPASSFILE",
                "is set, but this version reads no password files; put the password into "
                "PGPASSWORD or into DATABASE_URL, and unset it");
    return;
  }
  into = std::move(*parsed);
}

}  // namespace ingestor::config

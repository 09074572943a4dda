#include "app/preparation.hpp"

#include "app/exit_code.hpp"
#include "http/proxy.hpp"

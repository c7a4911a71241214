import type { Database } from "../sqlite/database.ts";
import type { AuditWindow, Found } from "./audit-check.ts";
import { LINK_CHECKS } from "./audit-link-checks.ts";
import { STORE_CHECKS } from "./audit-store-checks.ts";
import { STREAM_CHECKS } from "./audit-stream-checks.ts";

/** All checks. `total` counts every gap, `gaps` holds the first of each kind. */
export function findGaps(database: Database, window: AuditWindow): Found {
  const found = [...STREAM_CHECKS, ...STORE_CHECKS, ...LINK_CHECKS].map((check) =>
    check(database, window),
  );
  return {
    total: found.reduce((sum, { total }) => sum + total, 0),
    gaps: found.flatMap(({ gaps }) => gaps),
  };
}

import type { Database } from "../../sqlite/database.ts";
import { raiseStateVersion } from "./meta.ts";

/**
 * Runs a change of the state in one transaction that also raises the state's version; answers what
 * `work` answers. What `work` reads is what it changes: nobody else writes meanwhile. It may be used
 * inside itself, to make one change out of several; an error undoes all of them.
 */
export function changeState<Result>(database: Database, work: () => Result): Result {
  database.exec("SAVEPOINT change");
  try {
    // First, because a transaction that begins with a write cannot find later that it read too early.
    raiseStateVersion(database);
    const result = work();
    database.exec("RELEASE change");
    return result;
  } catch (error) {
    database.rollback();
    throw error;
  }
}

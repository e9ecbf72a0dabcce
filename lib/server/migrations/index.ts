import { initial } from "./0001-initial.ts";
import { dashboard } from "./0002-dashboard.ts";

/**
 * What brings a database up to date, in order: number n takes it from version n - 1 to n. A
 * migration that was released is never edited. They are modules, not `.sql` files, so that the
 * compiled program contains them.
 */
export const migrations: readonly string[] = [initial, dashboard];

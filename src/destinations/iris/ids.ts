/** The ids of severities, statuses and types, which each installation has its own of. */
import type { Asked } from "../ask.ts";
import type { IrisClient, Names } from "./client.ts";

export interface Ids {
  severity(name: string): number | undefined;
  status(name: string): number | undefined;
  resolution(name: string): number | undefined;
  ioc(name: string): number | undefined;
}

const LISTS = [
  ["severities", "severity_id", "severity_name"],
  ["alert-status", "status_id", "status_name"],
  ["alert-resolutions", "resolution_status_id", "resolution_status_name"],
  ["ioc-types", "type_id", "type_name"],
] as const;

type List = (typeof LISTS)[number][0];

/** Makes the function that looks ids up, once for all messages. */
export function createIds(): (client: IrisClient) => Promise<Asked<Ids>> {
  const known = new Map<List, Names>();
  const idOf = (list: List) => (name: string) => known.get(list)?.get(name);
  const value: Ids = {
    severity: idOf("severities"),
    status: idOf("alert-status"),
    resolution: idOf("alert-resolutions"),
    ioc: idOf("ioc-types"),
  };
  return async (client) => {
    for (const [list, id, name] of LISTS) {
      if (known.has(list)) continue;
      const names = await client.names(list, id, name);
      if (!names.ok) return names;
      known.set(list, names.value);
    }
    return { ok: true, value, status: 200 };
  };
}

/** Whether Kibana answers these credentials, in every space whose alerts are read. */
import { resolve } from "node:path";
import type { Configuration } from "../app/configuration.ts";
import { openClusterHttp, type ClusterSettings } from "../elastic/cluster/settings.ts";
import { openKibana, type Kibana, type KibanaSettings } from "../elastic/kibana/kibana.ts";
import { found, foundError, type Finding } from "./finding.ts";
import type { Reader } from "./reader.ts";

/** No alert has it; Kibana answers with none. */
const UNKNOWN_ALERT = "tocsin-doctor";

/** Without `kibana` in the settings there is nothing to ask. */
export async function checkKibana(
  name: string,
  settings: ClusterSettings,
  readers: readonly Reader[],
  { egress, directory }: Pick<Configuration, "egress" | "directory">,
): Promise<readonly Finding[]> {
  if (!hasKibana(settings)) return [];
  const resolvePath = (path: string) => resolve(directory, path);
  const http = await openClusterHttp(settings, { name, egress, resolvePath });
  try {
    const kibana = openKibana(settings, { name, http });
    const findings: Finding[] = [];
    for (const space of spacesOf(readers)) findings.push(await askSpace(kibana, space, readers));
    return findings;
  } finally {
    await http.close();
  }
}

function hasKibana(settings: ClusterSettings): settings is KibanaSettings {
  return settings.kibana !== undefined;
}

function spacesOf(readers: readonly Reader[]): string[] {
  const spaces = new Set(readers.flatMap((reader) => reader.spaces));
  return spaces.size === 0 ? ["default"] : [...spaces];
}

/** What cannot be asked matters only to sources that write back. */
async function askSpace(
  kibana: Kibana,
  space: string,
  readers: readonly Reader[],
): Promise<Finding> {
  const writer = readers.find(({ writesBack, spaces }) => writesBack && spaces.includes(space));
  try {
    await kibana.readStatus(space, [UNKNOWN_ALERT]);
    // Only a change would tell, and the doctor changes nothing.
    const rest = writer ? "; whether it lets alerts be changed is seen at the first change" : "";
    return found("kibana", "ok", `answers in the space ${space}${rest}`);
  } catch (error) {
    const { text, hint } = foundError("kibana", error);
    if (writer)
      return found("kibana", "problem", `space ${space}: ${text}`, { source: writer.name, hint });
    const unused = "no source writes back, so it is not needed";
    return found("kibana", "warning", `space ${space}: ${text}; ${unused}`, { hint });
  }
}

/** What `tocsin doctor elastic` prints to be pasted, by the names that blocks of the guides use. */
import { parseConfiguration } from "../../src/app/configuration.ts";
import { registries } from "../../src/app/registries.ts";
import { CONNECTOR_DOCUMENTS, indexTemplate } from "../../src/doctor/bodies.ts";
import { readersOf } from "../../src/doctor/reader.ts";
import { wantedRole, writeRole } from "../../src/doctor/role.ts";

/** Both kinds of sources with their defaults. */
const BOTH = `
clusters: { lab: { url: "https://es.example.org" } }
sources:
  detections: { kind: elastic-alerts, cluster: lab }
  actions: { kind: elastic-actions, cluster: lab }
`;

export const DOCTOR_TEXTS: ReadonlyMap<string, string> = new Map([
  ["role", roleText()],
  ["index-template", indexTemplate("siem-alert")],
  ["query-document", CONNECTOR_DOCUMENTS["Elasticsearch query"]],
  ["detection-document", CONNECTOR_DOCUMENTS["detection rule"]],
]);

/** The smallest role, before anything is known of the indices behind the names. */
function roleText(): string {
  const file = "tocsin.yaml";
  const read = parseConfiguration({ text: BOTH, file, env: {}, registries, cwd: "/" });
  if (!read.ok) throw new RangeError(JSON.stringify(read.problems));
  const readers = readersOf(read.configuration, "lab");
  return writeRole(
    wantedRole(
      readers.map((reader) => ({ reader, behind: [] })),
      false,
    ),
  );
}

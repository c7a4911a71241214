/** What the credentials may do and what the sources need. */
import type { ClusterInfo, ElasticCluster, GrantedPrivileges } from "../elastic/cluster/cluster.ts";
import { found, foundError, type Finding } from "./finding.ts";
import { wantedOf, wantedRole, type ReaderIndices, type WantedIndices } from "./role.ts";

export interface PrivilegeCheck {
  readonly findings: readonly Finding[];
  /** Names of the sources that lack something. */
  readonly lacking: ReadonlySet<string>;
}

const USE_ROLE = "give it the role below, or a key made by somebody who has it";

/** Compares, for each source, what it needs with what the cluster says the credentials have. */
export async function checkPrivileges(
  cluster: ElasticCluster,
  readers: readonly ReaderIndices[],
  { info, write }: { readonly info: ClusterInfo | null; readonly write: boolean },
): Promise<PrivilegeCheck> {
  if (info?.flavour === "opensearch") return notTold("OpenSearch does not tell them");
  try {
    const granted = await cluster.privileges(wantedRole(readers, write));
    return granted ? compare(readers, write, granted) : notTold("the cluster has no security");
  } catch (error) {
    return notTold(foundError("privileges", error).text);
  }
}

/** Whether they suffice is seen from reading, then. */
function notTold(why: string): PrivilegeCheck {
  return { findings: [found("privileges", "skipped", why)], lacking: new Set() };
}

function compare(
  readers: readonly ReaderIndices[],
  write: boolean,
  granted: GrantedPrivileges,
): PrivilegeCheck {
  const findings = readers.map((each) => {
    const { names, privileges } = wantedOf(each, write);
    const missing = missingIn({ names, privileges }, granted);
    const source = each.reader.name;
    const { user } = granted;
    if (missing.length === 0)
      return found("privileges", "ok", `${user} has ${privileges.join(", ")}`, { source });
    const text = `${user} lacks ${missing.join("; ")}`;
    return found("privileges", "problem", text, { source, hint: USE_ROLE });
  });
  const lacking = findings.filter(({ outcome }) => outcome === "problem");
  return {
    findings: [...ofCluster(granted), ...findings],
    lacking: new Set(lacking.flatMap(({ source }) => source ?? [])),
  };
}

/** Without them this command knows less; the server never asks. */
function ofCluster({ user, cluster }: GrantedPrivileges): Finding[] {
  const missing = [...cluster].filter(([, has]) => !has).map(([privilege]) => privilege);
  if (missing.length === 0) return [];
  const text = `${user} lacks ${missing.join(", ")} on the cluster`;
  const hint = "only this command uses it, for version and licence; sources are read without";
  return [found("privileges", "warning", text, { hint })];
}

/** `read on siem-alert`, by privilege. */
function missingIn({ names, privileges }: WantedIndices, granted: GrantedPrivileges): string[] {
  return privileges.flatMap((privilege) => {
    const without = names.filter((name) => granted.indices.get(name)?.get(privilege) !== true);
    return without.length === 0 ? [] : [`${privilege} on ${without.join(", ")}`];
  });
}

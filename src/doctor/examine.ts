/** Looks at one cluster of the configuration and at what reads it, step after step. */
import { openConfiguredCluster } from "../app/clusters.ts";
import type { Configuration } from "../app/configuration.ts";
import type { ClusterInfo, ElasticCluster, WantedPrivileges } from "../elastic/cluster/cluster.ts";
import type { ClusterSettings } from "../elastic/cluster/settings.ts";
import { connectorBodies, type ConnectorBodies } from "./bodies.ts";
import { found, type Finding } from "./finding.ts";
import { describeLook, lookInto, tryReading, type Look } from "./indices.ts";
import { checkKibana } from "./kibana.ts";
import { checkMapping } from "./mapping.ts";
import { checkPrivileges, type PrivilegeCheck } from "./privileges.ts";
import { describeLicence, reachCluster } from "./reach.ts";
import { readersOf, type Reader } from "./reader.ts";
import { wantedRole } from "./role.ts";
import { tryEndToEnd, type TrialParts } from "./trial.ts";

export interface ExamineOptions {
  /** The smallest role, asked for or not needed. */
  readonly role: boolean;
  /** What to paste for the index connector, asked for or not needed. */
  readonly bodies: boolean;
  /** To write a test document; null leaves the cluster as it is. */
  readonly trial: TrialParts | null;
  now(): number;
}

export interface Examination {
  readonly cluster: string;
  readonly findings: readonly Finding[];
  /** The smallest role that suffices; null unless something lacks or it was asked for. */
  readonly role: WantedPrivileges | null;
  /** For the sources of Kibana's index connector; none unless an index lacks or they were asked for. */
  readonly bodies: readonly ConnectorBodies[];
}

/** Throws only for bugs, and for a data folder that cannot be read. */
export async function examineCluster(
  name: string,
  settings: ClusterSettings,
  configuration: Configuration,
  options: ExamineOptions,
): Promise<Examination> {
  const readers = readersOf(configuration, name);
  const reached = await reachCluster(name, settings, configuration);
  if (!reached.usable) return conclude(name, reached.findings, nothingSeen(readers), options);
  const cluster = await openConfiguredCluster(name, settings, configuration);
  try {
    const seen = await lookAround(cluster, readers, reached.info, options);
    const kibana = await checkKibana(name, settings, readers, configuration);
    const findings = [...reached.findings, ...seen.findings, ...kibana];
    const trials = await runTrials(cluster, seen, options);
    return conclude(name, [...findings, ...trials], seen, options);
  } finally {
    await cluster.close();
  }
}

/** A source with what was found behind its indices. */
interface Sight {
  readonly reader: Reader;
  readonly looks: readonly Look[];
}

interface Seen {
  readonly findings: readonly Finding[];
  readonly sights: readonly Sight[];
  readonly lacking: PrivilegeCheck["lacking"];
}

function nothingSeen(readers: readonly Reader[]): Seen {
  const sights = readers.map((reader) => ({ reader, looks: [] }));
  return { findings: [], sights, lacking: new Set() };
}

async function lookAround(
  cluster: Parameters<typeof describeLicence>[0] & ElasticCluster,
  readers: readonly Reader[],
  info: ClusterInfo | null,
  { trial, now }: ExamineOptions,
): Promise<Seen> {
  const licence = await describeLicence(cluster, info);
  if (readers.length === 0) return { ...nothingSeen([]), findings: [licence, NO_READER] };
  const sights: Sight[] = [];
  for (const reader of readers) sights.push({ reader, looks: await lookInto(cluster, reader) });
  const checked = await checkPrivileges(cluster, sights.map(indicesOf), {
    info,
    write: trial !== null,
  });
  const findings = [licence, ...checked.findings];
  for (const sight of sights) {
    const isTold = checked.lacking.has(sight.reader.name);
    findings.push(...(await examineSight(cluster, sight, { isTold, now: now() })));
  }
  return { findings, sights, lacking: checked.lacking };
}

const NO_READER = found("index", "skipped", "no source of the configuration reads this cluster", {
  hint: "add one of kind elastic-alerts or elastic-actions with this cluster",
});

function indicesOf({ reader, looks }: Sight) {
  const behind = looks.flatMap(({ indices }) => indices.map(({ name }) => name));
  return { reader, behind };
}

/** A name that is missing keeps the whole source from being read, so then nothing else is tried. */
async function examineSight(
  cluster: ElasticCluster,
  { reader, looks }: Sight,
  { isTold, now }: { readonly isTold: boolean; readonly now: number },
): Promise<Finding[]> {
  const findings = looks.map((look) => describeLook(look, reader, isTold));
  if (!looks.every(isThere) || isTold) return findings;
  const mapping = await checkMapping(
    cluster,
    reader,
    looks.map(({ asked }) => asked),
  );
  return [...findings, ...mapping, await tryReading(cluster, reader, now)];
}

function isThere({ state }: Look): boolean {
  return state === "there";
}

async function runTrials(
  cluster: ElasticCluster,
  { sights, lacking }: Seen,
  { trial }: ExamineOptions,
): Promise<Finding[]> {
  if (!trial) return [];
  const candidates = sights.filter(({ reader }) => reader.reads === "actions");
  if (candidates.length === 0) return [NO_ACTIONS];
  const findings: Finding[] = [];
  for (const { reader, looks } of candidates) {
    const source = reader.name;
    if (!looks.every(isThere) || lacking.has(source))
      findings.push(found("test", "skipped", "see what is said of its index above", { source }));
    else findings.push(await tryEndToEnd(cluster, reader, trial));
  }
  return findings;
}

const NO_ACTIONS = found(
  "test",
  "skipped",
  "no source of kind elastic-actions reads this cluster",
  {
    hint: "alerts are Kibana's to write: let a rule raise one, and see tocsin tail",
  },
);

function conclude(
  cluster: string,
  findings: readonly Finding[],
  { sights, lacking }: Seen,
  { role, bodies, trial }: ExamineOptions,
): Examination {
  const needsRole = sights.length > 0 && (role || lacking.size > 0);
  return {
    cluster,
    findings,
    role: needsRole ? wantedRole(sights.map(indicesOf), trial !== null) : null,
    bodies: sights.flatMap((sight) => bodiesFor(sight, bodies)),
  };
}

function bodiesFor({ reader, looks }: Sight, asked: boolean): ConnectorBodies[] {
  if (reader.reads !== "actions") return [];
  const missing = looks.filter(({ state }) => state === "missing").map((look) => look.asked);
  return (asked ? reader.indices : missing).map(connectorBodies);
}

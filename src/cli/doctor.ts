/** `tocsin doctor` */
import type { Command } from "commander";
import type { Configuration } from "../app/configuration.ts";
import { fail } from "../errors.ts";
import type { ConnectorBodies } from "../doctor/bodies.ts";
import { examineCluster, type Examination } from "../doctor/examine.ts";
import type { Finding, Outcome } from "../doctor/finding.ts";
import { writeRole } from "../doctor/role.ts";
import type { TrialParts } from "../doctor/trial.ts";
import { declare, declareGroup, durationOption } from "./command.ts";
import { loadConfiguration, pickNamed } from "./configuration.ts";
import { contextOf, type Context, type Paint } from "./context.ts";
import { addDoctorDestination } from "./doctor-destination.ts";
import type { Cli } from "./io.ts";
import { countOf, formatValue } from "./text.ts";

const DEFAULT_TIMEOUT = 60_000;

interface ElasticOptions {
  readonly cluster?: string;
  readonly role?: boolean;
  readonly bodies?: boolean;
  readonly write?: boolean;
  readonly timeout?: number;
}

/** Adds `doctor elastic`, which finds out what keeps alerts from coming, and `doctor destination`. */
export function addDoctor(program: Command, cli: Cli): void {
  const group = declareGroup(program, "doctor", "Find out what keeps alerts from coming or going.");
  declare(group, "elastic", "Look at clusters and at what the sources need of them.", {
    0: "no problem found (there may be warnings)",
    1: "problems found; each is printed with what to do",
  })
    .option("--cluster <name>", "only this cluster of the configuration")
    .option("--role", "print the smallest role that suffices; also printed when something lacks")
    .option("--bodies", "print what to paste for the index connector; also when its index lacks")
    .option("--write", "write a test document and follow it to its destinations")
    .option(
      "--timeout <duration>",
      "how long to wait for it beyond the source's interval and settle; 60s unless given",
      durationOption,
    )
    .action((options: ElasticOptions, command: Command) => elastic(options, command, cli));
  addDoctorDestination(group, cli);
}

async function elastic(options: ElasticOptions, command: Command, cli: Cli): Promise<void> {
  const context = contextOf(command, cli);
  const configuration = loadConfiguration(context, cli);
  const { role = false, bodies = false, write = false } = options;
  const trial = write ? trialOf(options, context, cli) : null;
  const examinations: Examination[] = [];
  for (const name of chooseClusters(configuration, options)) {
    const settings = pickNamed(configuration.clusters, name, "cluster");
    const wish = { role, bodies, trial, now: cli.now };
    const examination = await examineCluster(name, settings, configuration, wish);
    examinations.push(examination);
    if (!context.json) context.print(...describe(examination, context.paint));
  }
  const findings = examinations.flatMap((each) => each.findings);
  const ok = !findings.some(({ outcome }) => outcome === "problem");
  cli.exit(ok ? 0 : 1);
  if (context.json) return context.printJson({ ok, clusters: examinations });
  context.print(summary(findings));
}

function trialOf(
  { timeout = DEFAULT_TIMEOUT }: ElasticOptions,
  { data }: Context,
  cli: Cli,
): TrialParts {
  const never = new AbortController().signal;
  const wait = (milliseconds: number) => cli.wait(milliseconds, never);
  return { paths: data, timeout, now: cli.now, wait };
}

/** Throws CONFIG_INVALID when there is none. */
function chooseClusters({ clusters }: Configuration, { cluster }: ElasticOptions): string[] {
  if (cluster !== undefined) return [cluster];
  if (clusters.size > 0) return [...clusters.keys()];
  throw fail("CONFIG_INVALID", {
    component: "doctor",
    message: "the configuration has no cluster",
    hint: "write one under `clusters`, such as: lab: { url: https://es.lab:9200 }",
  });
}

function describe({ cluster, findings, role, bodies }: Examination, paint: Paint): string[] {
  return [
    paint.bold(`cluster ${cluster}`),
    ...findings.flatMap((finding) => describeFinding(finding, paint)),
    "",
    ...(role ? ["The smallest role that suffices, for PUT /_security/role/tocsin:"] : []),
    ...(role ? [...writeRole(role).split("\n"), ""] : []),
    ...bodies.flatMap(describeBodies),
  ];
}

function describeFinding({ step, outcome, source, text, hint }: Finding, paint: Paint): string[] {
  const about = source === null ? "" : `${source}: `;
  const mark = paintOutcome(outcome, paint);
  const line = `  ${mark}  ${step.padEnd("privileges".length)}  ${about}${formatValue(text)}`;
  return hint === null || outcome === "ok" ? [line] : [line, `    hint: ${formatValue(hint)}`];
}

function paintOutcome(outcome: Outcome, paint: Paint): string {
  const text = outcome.padEnd("warning".length);
  const paints = { ok: paint.green, warning: paint.yellow, problem: paint.red, skipped: paint.dim };
  return paints[outcome](text);
}

/** What is pasted stands by itself, so that it can be marked with the mouse. */
function describeBodies({ index, index_template, documents }: ConnectorBodies): string[] {
  const parts = Object.entries(documents).flatMap(([kind, document]) => [
    `Document of the index connector on ${index}, for a rule of the kind ${kind}:`,
    ...document.split("\n"),
    "",
  ]);
  const name = index.replaceAll("*", "").replace(/-$/, "") || "tocsin";
  return [
    `Index template, for PUT /_index_template/${name}; then PUT /${name}:`,
    ...index_template.split("\n"),
    "",
    ...parts,
  ];
}

function summary(findings: readonly Finding[]): string {
  const count = (outcome: Outcome) => findings.filter((each) => each.outcome === outcome).length;
  const [problems, warnings] = [count("problem"), count("warning")];
  if (problems + warnings === 0) return "all is well";
  return `${countOf(problems, "problem")}, ${countOf(warnings, "warning")}`;
}

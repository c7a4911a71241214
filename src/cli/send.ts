/** `tocsin send` */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { fail, messageOf } from "../errors.ts";
import { collectAnswers, postBody } from "./send-http.ts";
import { describeTrial, tryBody } from "./send-dry-run.ts";
import { declare, wholeNumber } from "./command.ts";
import { loadConfiguration, pickNamed } from "./configuration.ts";
import { contextOf } from "./context.ts";
import { usage } from "./failure.ts";
import type { Cli } from "./io.ts";
import { readSample } from "./samples.ts";
import { formatValue } from "./text.ts";

const DEFAULT_URL = "http://127.0.0.1:7373";

interface SendOptions {
  readonly source?: string;
  readonly key?: string;
  readonly url: string;
  readonly count: number;
  readonly sample?: string;
  readonly dryRun?: boolean;
}

type Sum = ReturnType<typeof collectAnswers>;

/** A body to send and the source it is for. */
interface Parcel {
  readonly source: string;
  readonly bytes: Uint8Array;
}

/** Adds `send`, which posts a body to the running server or, dry, shows what would become of it. */
export function addSend(program: Command, cli: Cli): void {
  declare(program, "send", "Send a body to the running server, or show what it would become.", {
    0: "all of it was accepted",
    1: "refused, or a part of it could not be understood",
    2: "the server cannot be reached, or the file cannot be read",
  })
    .argument("[file]", "file with the body; - for standard input")
    .option("--source <name>", "source of the configuration that it is for")
    .option("--sample <kind>", "send a sample of this kind of source; kind/name for a certain one")
    .option("--key <key>", "ingest key; else TOCSIN_KEY of the environment")
    .option("--url <url>", "address of the server", DEFAULT_URL)
    .option("--count <n>", "send it n times, each as an event of its own", wholeNumber, 1)
    .option("--dry-run", "decode and normalise here, with the configuration; send nothing")
    .action(async (file: string | undefined, options: SendOptions, command: Command) => {
      const parcel = await findParcel(file, options, cli);
      if (options.dryRun) return runDry(parcel, command, cli);
      await post(parcel, options, command, cli);
    });
}

async function findParcel(
  file: string | undefined,
  { sample, source }: SendOptions,
  cli: Cli,
): Promise<Parcel> {
  if (sample !== undefined) {
    if (file === undefined)
      return { source: source ?? sample.split("/")[0] ?? sample, bytes: readSample(sample) };
    throw usage("a file and --sample were given", "leave one of them out");
  }
  if (file === undefined) throw usage("missing argument 'file'", "name a file, or - for stdin");
  if (source === undefined) throw usage("missing option '--source'", "name a source to send as");
  return { source, bytes: file === "-" ? await cli.readStdin() : readBytes(cli, file) };
}

function readBytes(cli: Cli, file: string): Uint8Array {
  try {
    return readFileSync(resolve(cli.cwd, file));
  } catch (error) {
    throw fail("REQUEST_INVALID", {
      component: "send",
      message: `cannot read ${file}: ${messageOf(error)}`,
      hint: "name a file that exists, or - for standard input",
      cause: error,
    });
  }
}

function runDry({ source: name, bytes }: Parcel, command: Command, cli: Cli): void {
  const context = contextOf(command, cli);
  const configuration = loadConfiguration(context, cli);
  const source = pickNamed(configuration.sources, name, "source");
  const trial = tryBody(source, bytes, configuration.limits, cli.now());
  cli.exit(trial.rejected.length > 0 ? 1 : 0);
  if (context.json) return context.printJson(trial);
  context.print(...describeTrial(trial, context.paint));
}

async function post(parcel: Parcel, options: SendOptions, command: Command, cli: Cli) {
  const context = contextOf(command, cli);
  const key = options.key ?? cli.env["TOCSIN_KEY"];
  const run = randomUUID();
  const answers = [];
  for (let index = 0; index < options.count; index += 1) {
    const idempotencyKey = options.count > 1 ? `send-${run}-${index}` : undefined;
    answers.push(await postBody(parcel, { url: options.url, key, idempotencyKey }));
  }
  const sum = collectAnswers(answers);
  cli.exit(sum.refused.length > 0 || sum.quarantined.length > 0 ? 1 : 0);
  if (context.json) return context.printJson(sum);
  if (sum.refused.length < answers.length) context.print(...describeSum(sum));
  for (const { status, message, hint } of sum.refused) {
    const text = `the server answered ${status}: ${formatValue(message)}`;
    cli.stderr(`tocsin: send: ${text}\n  hint: ${formatValue(hint)}\n`);
  }
}

function describeSum({ accepted, duplicates, quarantined, ...sum }: Sum): string[] {
  return [
    `accepted ${accepted}, duplicates ${duplicates}, quarantined ${quarantined.length}`,
    ...sum.events.map(({ id, key }) => `  ${id}  ${formatValue(key)}`),
    ...quarantined.map(
      (item) => `  ${item.id}  quarantined, ${item.reason}: ${formatValue(item.detail)}`,
    ),
    ...sum.empty.map((reason) => `  nothing in it: ${reason}`),
  ];
}

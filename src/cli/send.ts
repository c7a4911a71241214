/** `tocsin send` */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { fail, messageOf } from "../errors.ts";
import type { PlainMap } from "../app/entry-checks.ts";
import { openLedger, type Ledger } from "../ledger/ledger.ts";
import { collectAnswers, postBody } from "./send-http.ts";
import { describeTrial, tryBody } from "./send-dry-run.ts";
import { declare, durationOption, wholeNumber } from "./command.ts";
import { loadConfiguration, pickNamed } from "./configuration.ts";
import { contextOf, readSettings, type Context } from "./context.ts";
import type { DeliveryNews } from "./delivery-watch.ts";
import { usage } from "./failure.ts";
import type { Cli } from "./io.ts";
import { readNewSample, readSample } from "./samples.ts";
import { describeEnds, Follower, hasArrived, type Followed } from "./send-follow.ts";
import { addressFor, sourceOfKind } from "./send-target.ts";
import { formatValue } from "./text.ts";

const DEFAULT_WAIT_MS = 10_000;

interface SendOptions {
  readonly source?: string;
  readonly key?: string;
  readonly url?: string;
  readonly count: number;
  readonly sample?: string;
  readonly wait?: number;
  readonly dryRun?: boolean;
}

type Sum = ReturnType<typeof collectAnswers>;

/** What to send and the source it is for. */
interface Parcel {
  readonly source: string;
  readonly bytes: Uint8Array;
  /** Where it is a sample: the same about another subject. */
  readonly anew?: (subject: string) => Uint8Array;
}

/** Adds `send`, which posts a body to the running server or, dry, shows what would become of it. */
export function addSend(program: Command, cli: Cli): void {
  declare(program, "send", "Send a body to the running server, or show what it would become.", {
    0: "all of it was accepted, and has arrived where that was waited for",
    1: "refused, a part of it could not be understood, or it has not arrived",
    2: "the server cannot be reached, or the file cannot be read",
  })
    .argument("[file]", "file with the body; - for standard input")
    .option("--source <name>", "source of the configuration that it is for")
    .option(
      "--sample <kind>",
      "send a sample of this kind of source as a new event; kind/name for a certain one",
    )
    .option("--key <key>", "ingest key; else TOCSIN_KEY of the environment")
    .option("--url <url>", "address of the server; else that of the source's listener")
    .option("--count <n>", "send it n times, each as an event of its own", wholeNumber, 1)
    .option(
      "--wait <duration>",
      "tell what becomes of it for so long; 10s for a sample, 0s not at all",
      durationOption,
    )
    .option("--dry-run", "decode and normalise here, with the configuration; send nothing")
    .action(async (file: string | undefined, options: SendOptions, command: Command) => {
      const context = contextOf(command, cli);
      const settings = readSettings(context.config, cli.cwd);
      const parcel = await findParcel(file, options, settings, cli);
      if (options.dryRun) return runDry(parcel, context, cli);
      const url = options.url ?? addressFor(parcel.source, settings);
      await deliver(parcel, { ...options, url }, context, cli);
    });
}

async function findParcel(
  file: string | undefined,
  { sample, source }: SendOptions,
  settings: PlainMap,
  cli: Cli,
): Promise<Parcel> {
  if (sample !== undefined) {
    if (file !== undefined) throw usage("a file and --sample were given", "leave one of them out");
    const name = source ?? sourceOfKind(sample.split("/", 1)[0] ?? sample, settings);
    const anew = (subject: string) => readNewSample(sample, subject);
    return { source: name, bytes: readSample(sample), anew };
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

function runDry({ source: name, bytes }: Parcel, context: Context, cli: Cli): void {
  const configuration = loadConfiguration(context, cli);
  const source = pickNamed(configuration.sources, name, "source");
  const trial = tryBody(source, bytes, configuration.limits, cli.now());
  cli.exit(trial.rejected.length > 0 ? 1 : 0);
  if (context.json) return context.printJson(trial);
  context.print(...describeTrial(trial, context.paint));
}

type Sending = SendOptions & { readonly url: string };

/** Posts it, and follows what was accepted where the data of the server can be read. */
async function deliver(parcel: Parcel, options: Sending, context: Context, cli: Cli) {
  const wait = options.wait ?? (parcel.anew ? DEFAULT_WAIT_MS : 0);
  const ledger = wait > 0 ? openReadable(context, cli) : undefined;
  try {
    const follower = ledger && (await Follower.open(ledger));
    const sum = await post(parcel, options, cli);
    const isTaken = sum.refused.length === 0 && sum.quarantined.length === 0;
    cli.exit(isTaken ? 0 : 1);
    if (!context.json) printSum(sum, options.count, context, cli);
    const ids = sum.events.map(({ id }) => id);
    const tell = (news: DeliveryNews) => context.json || context.print(describeNews(news));
    const followed = (await follower?.follow(ids, { wait, cli, tell })) ?? [];
    if (!hasArrived(followed)) cli.exit(1);
    if (context.json) context.printJson({ ...sum, ...membersOf(followed) });
    else context.print(...describeEnds(followed));
  } finally {
    ledger?.close();
  }
}

/** Who may not read the data may send all the same. */
function openReadable(context: Context, cli: Cli): Ledger | undefined {
  try {
    return openLedger(context.data, cli.now);
  } catch {
    return undefined;
  }
}

async function post(
  { source, bytes, anew }: Parcel,
  { url, count, ...options }: Sending,
  cli: Cli,
) {
  const key = options.key ?? cli.env["TOCSIN_KEY"];
  const run = randomUUID();
  const answers = [];
  for (let index = 0; index < count; index += 1) {
    const idempotencyKey = count > 1 || anew ? `send-${run}-${index}` : undefined;
    const body = anew?.(`test-${run.slice(0, 8)}-${index}`) ?? bytes;
    answers.push(await postBody({ source, bytes: body }, { url, key, idempotencyKey }));
  }
  return collectAnswers(answers);
}

function printSum(sum: Sum, count: number, context: Context, cli: Cli): void {
  if (sum.refused.length < count) context.print(...describeSum(sum));
  for (const { status, message, hint } of sum.refused) {
    const text = `the server answered ${status}: ${formatValue(message)}`;
    cli.stderr(`tocsin: send: ${text}\n  hint: ${formatValue(hint)}\n`);
  }
}

function describeNews({ delivery, text }: DeliveryNews): string {
  return `  ${delivery.alert.number}  → ${delivery.destination}  ${formatValue(text)}`;
}

/** Only where something was followed. */
function membersOf(followed: readonly Followed[]): object {
  if (followed.length === 0) return {};
  return { deliveries: followed.flatMap(({ deliveries }) => deliveries) };
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

/** The schema of the whole configuration, composed of what every source and destination brings. */
import { z } from "zod";
import { listen } from "../config/listen.ts";
import { duration, size } from "../config/values.ts";
import { destinationCommon } from "../destinations/common.ts";
import type { DestinationDefinition } from "../destinations/destination.ts";
import { clusterSettings } from "../elastic/cluster/settings.ts";
import { fail } from "../errors.ts";
import { isEgressRule } from "../net/egress.ts";
import { commonSettings } from "../sources/common.ts";
import type { SourceDefinition } from "../sources/source.ts";
import { pace, policies } from "./policy-schema.ts";
import { name } from "./scalars.ts";
import { DEFAULT_LISTEN } from "./source-checks.ts";

const route = z.strictObject({
  name: name.describe(
    "Names the route in traces and lists; `operators` takes Tocsin's own alerts.",
  ),
  match: z.string().default("*").describe("KQL: which alerts the route takes."),
  to: z.array(z.string()).describe("Names of destinations; none keeps the alerts without sending."),
  continue: z.boolean().default(false).describe("Let the routes behind it see what it took."),
  shadow: z.boolean().default(false).describe("Decide and record, but send nothing."),
  default: z.boolean().default(false).describe("Take what no other route took."),
  ...pace,
});

const limits = z.strictObject({
  body: size("10MiB").describe("Longest request body as it comes."),
  unpacked: size("64MiB").describe("Longest request body after decompression."),
  events: z.int().min(1).default(10_000).describe("Most events in one request."),
  depth: z.int().min(1).max(1000).default(64).describe("Deepest nesting of a body."),
});

const backpressure = z.strictObject({
  max_backlog: z
    .int()
    .min(1)
    .default(1_000_000)
    .describe("Entries of the stream that wait to be decided; beyond it requests are refused."),
  min_free: size("500MiB").describe("Free space of the disk below which requests are refused."),
  retry_after: duration("10s").describe("What a refused sender is told to wait."),
});

const retention = z.strictObject({
  raw: duration("30d").describe("Bytes of receipts and events, once their alerts are done."),
  delivered: duration("90d").describe("Alerts whose deliveries all ended, with their history."),
  quarantine: duration("90d").describe("What could not be understood."),
  attempts: duration("30d").describe("Single tries of deliveries that ended."),
});

const rateLimit = z.strictObject({
  max: z.int().min(1).describe("Requests allowed."),
  per: duration("1m").describe("In which time."),
});

const egressRule = z
  .string()
  .refine(isEgressRule, "not an address or host — write it like 10.0.0.0/8, host.lab or *.lab");

const egress = z.strictObject({
  allow: z.array(egressRule).default([]).describe("Reachable although refused by default."),
  deny: z.array(egressRule).default([]).describe("Never reachable; wins over `allow`."),
});

const log = z.strictObject({
  level: z.enum(["debug", "info", "warn", "error"]).default("info").describe("Least to be logged."),
  format: z
    .enum(["auto", "text", "json"])
    .default("auto")
    .describe("`auto` is text on a terminal and JSON elsewhere."),
});

/** Settings that all have a default; the types of `duration` and `size` do not say that they do. */
function group<T extends z.ZodObject>(schema: T) {
  return schema.prefault({} as z.input<T>);
}

/** Everything but sources and destinations, whose kinds are not known here. */
const settings = {
  listen: listen(DEFAULT_LISTEN).describe("Address of the HTTP server."),
  data: z.string().min(1).default("./data").describe("Folder of all that Tocsin keeps."),
  public_url: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ""))
    .optional()
    .describe("Where people reach this server; messages link to it."),
  clusters: z
    .record(name, clusterSettings)
    .default({})
    .describe("Elasticsearch or OpenSearch that alerts are read from or written to, by name."),
  allow_commands: z
    .array(z.string().startsWith("/", "name it by its absolute path"))
    .default([])
    .describe("Programs that destinations of kind `command` may run; none without it."),
  routes: z.array(route).optional().describe("Tried in order; the first that matches takes."),
  ...policies,
  limits: group(limits).describe("What a request may hold; more is refused with 413."),
  backpressure: group(backpressure).describe("When requests are refused with 503."),
  retention: group(retention).describe("How long what is finished is kept."),
  rate_limit: rateLimit.optional().describe("How much one key may send; no limit without it."),
  egress: group(egress).describe("Where connections may lead: addresses, networks, hosts."),
  log: group(log).describe("The log."),
};

/** A source or destination as it stands in the configuration: common settings and its kind's. */
export type NamedEntry = Readonly<Record<string, unknown>> & { readonly kind: string };

type Settings = z.output<z.ZodObject<typeof settings>>;
export type ParsedSettings = Settings & {
  readonly sources?: Readonly<Record<string, NamedEntry>> | undefined;
  readonly destinations?: Readonly<Record<string, NamedEntry>> | undefined;
};
/** The policies and what they refer to, as parsed. */
export type Policies = Pick<Settings, keyof typeof policies>;
export type Route = z.output<typeof route>;

/**
 * The strict schema of the whole file. Every definition's `config` must be a `z.object`, refined or
 * not; anything else is an INTERNAL error. The common settings are added where it lacks them.
 */
export function configurationSchema(
  sources: readonly SourceDefinition[],
  destinations: readonly DestinationDefinition[],
): z.ZodType<ParsedSettings> {
  const { listen: address, data, public_url, clusters, ...rest } = settings;
  const schema = z.strictObject({
    listen: address,
    data,
    public_url,
    clusters,
    sources: named(sources, commonSettings).describe("Where alerts come from, by name."),
    destinations: named(destinations, () => destinationCommon).describe(
      "Where alerts go, by name.",
    ),
    ...rest,
  });
  // The kinds are known at run time only, so the inferred type of an entry says nothing.
  return schema as unknown as z.ZodType<ParsedSettings>;
}

interface Definition {
  readonly kind: string;
  readonly summary: string;
  readonly config: z.ZodType;
}

function named<D extends Definition>(
  definitions: readonly D[],
  common: (definition: D) => z.ZodRawShape,
) {
  const [first, ...others] = definitions.map((definition) =>
    entrySchema(definition, common(definition)),
  );
  if (!first) throw broken("there are no kinds to choose from");
  return z.record(name, z.discriminatedUnion("kind", [first, ...others])).optional();
}

function entrySchema(definition: Definition, common: z.ZodRawShape) {
  const config = kindSchema(definition);
  const missing = Object.entries(common).filter(([key]) => !(key in config.shape));
  const kind = z.literal(definition.kind).describe(definition.summary);
  // `safeExtend` keeps the refinements of the kind.
  return config.safeExtend({ ...Object.fromEntries(missing), kind }).strict();
}

/** The schema of a kind's own settings, as an object whose keys are known. */
export function kindSchema(definition: Definition): z.ZodObject {
  if (definition.config instanceof z.ZodObject) return definition.config;
  throw broken(`the settings of ${definition.kind} are not a z.object`);
}

function broken(message: string) {
  return fail("INTERNAL", { component: "configuration", message });
}
